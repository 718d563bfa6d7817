from pathlib import Path

import pytest

from style_pipeline.media.source import UnreadableVideo
from style_pipeline.media.tracks import plan_tracks
from style_pipeline_tests.clips import AAC, H264, Maker, ffmpeg, moving, plain, tone
from style_pipeline_tests.media.films import make_film
from style_pipeline_tests.media.test_ends import recording
from style_pipeline_tests.real_files import SOUND


def blocks(name: str, *arguments: str, samples: int, rate: int, seconds: float) -> Maker:
    """Uncompressed audio in packets of a length of their own."""
    sound = ["-af", f"asetnsamples={samples}:p=0"]
    return plain(
        name, *H264, *sound, *arguments, inputs=moving(frames=50) + tone(seconds, rate=rate)
    )


PCM = {
    "mkv_1920": blocks("a.mkv", "-c:a", "pcm_s16le", samples=1920, rate=48000, seconds=2.0395),
    "mkv_24_bit": blocks("a.mkv", "-c:a", "pcm_s24le", samples=4410, rate=44100, seconds=1.9713),
    "alaw_200_ms": blocks("a.mkv", "-c:a", "pcm_alaw", samples=1600, rate=8000, seconds=2.07),
    "mulaw_250_ms": blocks("a.mkv", "-c:a", "pcm_mulaw", samples=2000, rate=8000, seconds=1.9),
    "avi_8_bit": plain("a.avi", "-c:v", "mpeg4", "-c:a", "pcm_u8", "-ar", "11025", inputs=SOUND),
    "float": blocks("a.mkv", "-c:a", "pcm_f32le", samples=3000, rate=48000, seconds=2.031),
    "late": blocks(
        *("a.mkv", "-c:a", "pcm_s16le", "-output_ts_offset", "3.3"),
        samples=2400,
        rate=48000,
        seconds=2.03,
    ),
}


@pytest.mark.parametrize("name", PCM)
def test_samples_are_compared_however_they_are_cut_into_packets(name: str, tmp_path: Path) -> None:
    film = make_film(PCM[name](tmp_path), tmp_path / "film", chunks=2)
    assert (film.plan.container, film.wrong()) == ("mov", [])
    samples = [decoded(path) for path in (film.path, film.source)]
    assert samples[0] == samples[1]


def decoded(path: Path) -> bytes:
    return ffmpeg("-i", path, "-map", "0:a:0", "-f", "s32le", "-")


EMPTY = {
    "mkv_aac": plain("a.mkv", *H264, *AAC, "-af", "atrim=end=0", inputs=SOUND),
    "mkv_mp3": plain("a.mkv", *H264, "-c:a", "libmp3lame", "-af", "atrim=end=0", inputs=SOUND),
}


@pytest.mark.parametrize("name", EMPTY)
def test_an_audio_track_without_packets_is_left_out_and_it_is_said(
    name: str, tmp_path: Path
) -> None:
    film = make_film(EMPTY[name](tmp_path), tmp_path / "film", chunks=2)
    assert (film.plan.audio, film.wrong()) == ((), [])
    (said,) = film.plan.left_out
    assert said.startswith("track 1 (audio, ")
    assert said.endswith("): it is empty")


def lose(broadcast: Path, packets: slice) -> None:
    """Some of its packets of sound."""
    data = broadcast.read_bytes()
    parts = [data[at : at + 188] for at in range(0, len(data), 188)]
    # The second track's, as FFmpeg numbers it.
    sound = [place for place, part in enumerate(parts) if (part[1] & 0x1F) << 8 | part[2] == 0x101]
    gone = {*sound[packets]}
    broadcast.write_bytes(b"".join(part for n, part in enumerate(parts) if n not in gone))


@pytest.mark.parametrize("codec", ["aac", "mp2"])
def test_a_broadcast_without_the_packets_of_its_audio_makes_a_silent_film(
    codec: str, tmp_path: Path
) -> None:
    source = plain("a.ts", *H264, "-c:a", codec, inputs=SOUND)(tmp_path)
    lose(source, slice(None))
    film = make_film(source, tmp_path / "film")
    assert (film.plan.audio, film.wrong()) == ((), [])


def test_damaged_audio_in_the_middle_is_refused_unless_it_is_to_be_taken(tmp_path: Path) -> None:
    source = recording("a.ts", *H264, "-c:a", "mp2")(tmp_path)
    lose(source, slice(100, 103))
    with pytest.raises(UnreadableVideo, match=r"track 1 \(audio, mp2.*\) is damaged in \d+ place"):
        plan_tracks(source)
    film = make_film(source, tmp_path / "film", conceal=True)
    assert film.wrong() == [], film.check()


def test_samples_after_a_gap_are_heard_when_they_were(tmp_path: Path) -> None:
    gap = ["-af", "aselect='not(between(t,0.6,1.1))'", "-c:a", "pcm_s16le"]
    source = plain("a.mkv", *H264, *gap, inputs=SOUND)(tmp_path)
    (track,) = plan_tracks(source).sound
    assert 0.45 < track.silence < 0.55
    film = make_film(source, tmp_path / "film")
    assert (film.plan.container, film.wrong()) == ("matroska", [])
