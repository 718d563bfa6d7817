from pathlib import Path

import pytest

from style_pipeline.media.source import UnreadableVideo
from style_pipeline_tests.clips import H264, Maker, plain
from style_pipeline_tests.media.films import make_film, packets
from style_pipeline_tests.media.test_audio_tracks import decoded
from style_pipeline_tests.real_files import SOUND, renamed_codec

HELD: dict[str, tuple[Maker, str]] = {
    "mp3_11025": (
        plain("a.mkv", *H264, "-c:a", "libmp3lame", "-ar", "11025", inputs=SOUND), "mov"
    ),
    "mp3_8000": (
        plain("a.avi", "-c:v", "mpeg4", "-c:a", "libmp3lame", "-ar", "8000", inputs=SOUND), "mov"
    ),
    "ima4": (plain("a.mov", *H264, "-c:a", "adpcm_ima_qt", "-ar", "22050", inputs=SOUND), "mov"),
    "nellymoser": (
        plain("a.flv", "-c:v", "flv", "-c:a", "nellymoser", "-ar", "11025", inputs=SOUND), "mov"
    ),
    "vorbis_before_0": (
        plain(
            *("a.ogv", "-c:v", "libtheora", "-c:a", "vorbis", "-strict", "-2", "-ac", "2"),
            inputs=SOUND,
        ),
        "matroska",
    ),
    "adpcm_ms": (plain("a.avi", "-c:v", "mpeg4", "-c:a", "adpcm_ms", inputs=SOUND), "matroska"),
}  # fmt: skip


@pytest.mark.parametrize("name", HELD)
def test_audio_that_mp4_refuses_goes_into_another_container_as_it_is(
    name: str, tmp_path: Path
) -> None:
    make, container = HELD[name]
    film = make_film(make(tmp_path), tmp_path / "film", chunks=2)
    assert (film.plan.container, film.wrong()) == (container, [])
    assert packets(film.path) == packets(film.source)
    assert (film.plan.left_out, film.plan.converted) == ((), ())


DECODED = {
    "blu_ray": plain("a.m2ts", *H264, "-c:a", "pcm_bluray", "-ac", "2", inputs=SOUND),
    "blu_ray_24_bit": plain(
        *("a.m2ts", *H264, "-c:a", "pcm_bluray", "-sample_fmt", "s32", "-ac", "6"), inputs=SOUND
    ),
    "dvd": plain("a.mpg", "-c:v", "mpeg2video", "-c:a", "pcm_dvd", "-ac", "2", inputs=SOUND),
    "adpcm_swf": plain("a.flv", "-c:v", "flv", "-c:a", "adpcm_swf", "-ar", "22050", inputs=SOUND),
}


@pytest.mark.parametrize("name", DECODED)
def test_audio_that_no_container_holds_is_decoded_without_loss_and_it_is_said(
    name: str, tmp_path: Path
) -> None:
    film = make_film(DECODED[name](tmp_path), tmp_path / "film", chunks=2)
    assert (film.plan.container, film.wrong()) == ("mp4", [])
    (said,) = film.plan.converted
    assert said.endswith("decoded, and kept as flac")
    assert decoded(film.path) == decoded(film.source)


@pytest.mark.parametrize("name", ["a.mov", "a.mp4"])
def test_a_codec_that_ffmpeg_does_not_know_is_left_out_beside_one_that_it_does(
    name: str, tmp_path: Path
) -> None:
    source = renamed_codec(name, b"mp4a", b"apac")(tmp_path)
    film = make_film(source, tmp_path / "film", chunks=2)
    assert (len(film.plan.audio), film.wrong()) == (1, [])
    assert film.plan.left_out == ("track 2 (audio, apac): FFmpeg cannot decode it",)


def test_damage_in_audio_that_is_decoded_is_refused_unless_it_is_to_be_concealed(
    tmp_path: Path,
) -> None:
    whole = plain("whole.m2ts", *H264, "-c:a", "pcm_bluray", "-ac", "2", inputs=SOUND)(tmp_path)
    data = bytearray(whole.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = bytes(3000)
    source = tmp_path / "damaged.m2ts"
    source.write_bytes(data)
    with pytest.raises(
        UnreadableVideo, match=r"track 1 \(audio, pcm_bluray\) is damaged in 1 place"
    ):
        make_film(source, tmp_path / "refused")
    film = make_film(source, tmp_path / "film", conceal=True)
    assert (film.plan.audio[0].kept_as, film.wrong()) == ("flac", [])
