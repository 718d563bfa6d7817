"""Audio and subtitles as they come in real files."""

from collections.abc import Sequence
from pathlib import Path

import av
import pytest

from style_pipeline.media import film_checks
from style_pipeline.media.ffmpeg import open_input, write_copy
from style_pipeline.media.film_checks import check_numbers
from style_pipeline.media.indexing import index_frames
from style_pipeline.media.muxing import write_sidecar
from style_pipeline.media.source import UnreadableVideo
from style_pipeline.media.subtitles import is_sidecar
from style_pipeline.media.tracks import plan_tracks
from style_pipeline.media.trial import try_film
from style_pipeline_tests.clips import AAC, H264, SRT, Maker, ffmpeg, moving, plain, tone
from style_pipeline_tests.media.films import make_film, packets
from style_pipeline_tests.real_files import SOUND, part_of, renamed_codec, subtitled


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


def decoded(path: Path, track: int = 0) -> bytes:
    return ffmpeg("-i", path, "-map", f"0:a:{track}", "-f", "s32le", "-")


@pytest.mark.parametrize("rate", ["25", "60", "12"])
def test_a_nominal_rate_is_no_measure_of_the_last_frame_of_a_varying_one(
    rate: str, tmp_path: Path
) -> None:
    varying = ["-vf", "select='mod(n,4)-1-eq(n,48)'", "-fps_mode", "vfr"]
    inputs = moving(rate=rate, frames=50) + tone(2)
    source = plain("a.wmv", "-c:v", "msmpeg4", "-c:a", "wmav2", *varying, inputs=inputs)(tmp_path)
    film = make_film(source, tmp_path / "film", chunks=2)
    assert film.wrong() == [], film.check()


def test_a_film_that_lasts_much_longer_than_its_source_is_still_found(tmp_path: Path) -> None:
    film = make_film(plain("a.mp4", *H264)(tmp_path), tmp_path / "film")
    longer = tmp_path / "longer.mkv"
    last = "setts=duration='if(eq(N,23),DURATION*9,DURATION)'"
    ffmpeg("-i", film.path, "-c", "copy", "-bsf:v", last, longer)
    made = index_frames(longer)
    wrong = [
        f.name for f in check_numbers(longer, made, film.index, plan=film.plan) if not f.passed
    ]
    assert wrong == ["duration_matches_the_source"]


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


@pytest.mark.parametrize("codec", ["aac", "mp2"])
def test_a_broadcast_without_the_packets_of_its_audio_makes_a_silent_film(
    codec: str, tmp_path: Path
) -> None:
    source = plain("a.ts", *H264, "-c:a", codec, inputs=SOUND)(tmp_path)
    data = source.read_bytes()
    parts = [data[at : at + 188] for at in range(0, len(data), 188)]
    pid = 0x101  # of the second track, as FFmpeg writes it
    source.write_bytes(b"".join(p for p in parts if (p[1] & 0x1F) << 8 | p[2] != pid))
    film = make_film(source, tmp_path / "film")
    assert (film.plan.audio, film.wrong()) == ((), [])


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


def test_what_ffmpeg_says_first_is_shown_as_the_cause(tmp_path: Path) -> None:
    source = plain("a.mkv", *H264, "-c:a", "wmav2", inputs=SOUND)(tmp_path)
    with pytest.raises(UnreadableVideo) as caught:
        write_copy([open_input(source)["a"]], tmp_path / "a.mp4", of=[source], f="mp4")
    first, *_, last = str(caught.value).split("; ")
    assert "Could not find tag for codec wmav2 in stream #0" in first
    assert "Could not write header" in last
    assert "0x" not in str(caught.value)


def test_what_would_fail_in_the_end_fails_before_anything_is_painted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = plain("a.mp4", *H264, *AAC, inputs=SOUND)(tmp_path)
    index, plan = index_frames(source), plan_tracks(source)
    try_film(source, index, plan, folder=tmp_path)
    assert list(tmp_path.glob("trial*")) == []
    monkeypatch.setattr(film_checks, "SYNC_TOLERANCE", -1)
    with pytest.raises(UnreadableVideo, match=r"would fail these checks: audio_is_in_sync \(larg"):
        try_film(source, index, plan, folder=tmp_path)


def recording(name: str, *arguments: str) -> Maker:
    return plain(name, *arguments, inputs=moving(frames=150) + tone(6))


RECORDINGS = {
    "h264_aac": recording("a.ts", *H264, "-g", "25", *AAC),
    "h264_mp2": recording("a.m2ts", *H264, "-g", "40", "-c:a", "mp2"),
    "mpeg2_mp2": recording("a.ts", "-c:v", "mpeg2video", "-bf", "2", "-g", "15", "-c:a", "mp2"),
    "mpeg2_ac3": recording("a.ts", "-c:v", "mpeg2video", "-g", "12", "-c:a", "ac3"),
    "hevc_ac3": recording(
        "a.ts", "-c:v", "libx265", "-x265-params", "log-level=none:keyint=20", "-c:a", "ac3"
    ),
}


@pytest.mark.parametrize(("begin", "end"), [(0.13, 1), (0, 0.77), (0.21, 0.68), (0.34, 0.913)])
@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recording_may_begin_and_end_anywhere(
    name: str, begin: float, end: float, tmp_path: Path
) -> None:
    source = part_of("cut.ts", RECORDINGS[name], begin=begin, end=end)(tmp_path)
    film = make_film(source, tmp_path / "film", chunks=2)
    assert film.wrong() == [], film.check()
    assert len(film.index) > 150 * (end - begin) * 0.5
    assert len(film.plan.audio) == 1


@pytest.mark.parametrize("end", [0.4411, 0.7177, 0.9013])
@pytest.mark.parametrize("name", ["h264_aac", "mpeg2_mp2"])
def test_a_recording_may_end_within_a_packet(name: str, end: float, tmp_path: Path) -> None:
    source = part_of("cut.ts", RECORDINGS[name], end=end, unit=1)(tmp_path)
    film = make_film(source, tmp_path / "film", chunks=2)
    assert film.wrong() == [], film.check()


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (0.81, "damaged frames at the end, where it is cut off, left out"),
        (0.774, "track 1 (audio, ac3): 2 damaged packets where it is cut off"),
    ],
)
def test_what_is_cut_off_is_said(end: float, said: str, tmp_path: Path) -> None:
    source = part_of("cut.ts", RECORDINGS["mpeg2_ac3"], begin=0.2, end=end)(tmp_path)
    index, plan = index_frames(source), plan_tracks(source)
    assert said in "\n".join((*index.left_out, *plan.left_out))


def damaged(name: str, *arguments: str, number: int) -> Maker:
    """A clip of which one coded picture has other bytes from a third on."""

    def make(folder: Path) -> Path:
        whole = plain(f"whole-{name}", *arguments, inputs=moving(frames=150))(folder)
        output = folder / name
        with av.open(str(whole)) as source, av.open(str(output), "w") as container:
            pictures = source.streams.video[0]
            track = container.add_stream_from_template(pictures)
            for place, packet in enumerate(source.demux(pictures)):
                if packet.dts is None:
                    continue
                if place == number:
                    data = bytearray(bytes(packet))
                    third = len(data) // 3
                    data[third:] = bytes(byte ^ 0x55 for byte in data[third:])
                    other = av.Packet(bytes(data))
                    other.pts, other.dts, other.time_base = packet.pts, packet.dts, packet.time_base
                    other.duration, other.is_keyframe = packet.duration, packet.is_keyframe
                    other.stream = track
                    container.mux(other)
                else:
                    packet.stream = track
                    container.mux(packet)
        return output

    return make


DAMAGED = {
    "h264_ts": damaged("a.ts", *H264, "-g", "25", number=75),
    "mpeg2_ts": damaged("a.ts", "-c:v", "mpeg2video", "-g", "15", number=90),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_in_the_middle_is_refused_unless_it_is_to_be_concealed(
    name: str, tmp_path: Path
) -> None:
    source = DAMAGED[name](tmp_path)
    with pytest.raises(UnreadableVideo, match=r"frame \d+ is damaged"):
        index_frames(source)
    film = make_film(source, tmp_path / "film", chunks=3, conceal=True)
    assert film.wrong() == []
    assert len(film.index) >= 149
    assert any("as the decoder makes them up" in said for said in film.index.left_out)


def test_damaged_audio_in_the_middle_is_refused_unless_it_is_to_be_taken(tmp_path: Path) -> None:
    source = recording("a.ts", *H264, "-c:a", "mp2")(tmp_path)
    data = source.read_bytes()
    parts = [data[at : at + 188] for at in range(0, len(data), 188)]
    sound = [n for n, p in enumerate(parts) if (p[1] & 0x1F) << 8 | p[2] == 0x101]
    gone = set(sound[len(sound) // 2 : len(sound) // 2 + 3])
    source.write_bytes(b"".join(p for n, p in enumerate(parts) if n not in gone))
    with pytest.raises(UnreadableVideo, match=r"track 1 \(audio, mp2.*\) is damaged in \d+ place"):
        plan_tracks(source)
    film = make_film(source, tmp_path / "film", conceal=True)
    assert film.wrong() == [], film.check()


OVERLAPPING = (
    "1\n00:00:00,021 --> 00:00:01,521\nFirst.\n\n2\n00:00:00,521 --> 00:00:01,800\nSecond.\n"
)
PLACED = "1\n00:00:00,200 --> 00:00:00,600\n{\\an8}At the top.\n"
ASS = (
    "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize, "
    "Alignment\nStyle: Top,Comic Sans,20,8\n\n[Events]\nFormat: Layer, Start, End, Style, Name, "
    "MarginL, MarginR, MarginV, Effect, Text\n"
    "Dialogue: 0,0:00:00.10,0:00:01.00,Top,,0,0,0,,At the top\n"
    "Dialogue: 0,0:00:00.50,0:00:01.50,Nowhere,,0,0,0,,{\\pos(10,10)}Of an unknown style\n"
)
BESIDE: dict[str, tuple[Sequence[str], Sequence[str], Sequence[str], list[str]]] = {
    "overlapping": ([OVERLAPPING], ["srt"], ["eng"], ["en.srt"]),
    "placed": ([PLACED], ["srt"], ["por"], ["pt.srt"]),
    "ass": ([ASS], ["ass"], ["ger"], ["de.ass"]),
    "ass_of_no_language": ([ASS], ["ass"], ["und"], ["und.ass"]),
    "two_alike": ([ASS, ASS], ["ass", "ass"], ["fre", "fra"], ["fr.ass", "fr.2.ass"]),
    "one_of_two": ([SRT, OVERLAPPING], ["srt", "srt"], ["spa", "ita"], ["it.srt"]),
    "vtt": ([OVERLAPPING], ["webvtt"], ["swe"], ["sv.vtt"]),
}


@pytest.mark.parametrize("name", BESIDE)
def test_text_that_mp4_cannot_hold_goes_beside_the_film_unchanged(
    name: str, tmp_path: Path
) -> None:
    texts, codecs, languages, endings = BESIDE[name]
    source = subtitled("a.mkv", *texts, codecs=codecs, languages=languages)(tmp_path)
    film = make_film(source, tmp_path / "film")
    assert (film.plan.container, film.wrong()) == ("mp4", [])
    assert [sidecar.ending for sidecar in film.plan.beside] == endings
    assert len(film.plan.subtitles) == len(texts) - len(endings)
    assert film.plan.left_out == ()
    for sidecar in film.plan.beside:
        path = tmp_path / sidecar.ending
        write_sidecar(source, sidecar, film.plan, path)
        place = sidecar.track.index
        told = ffmpeg("-i", source, "-map", f"0:{place}", "-c", "copy", "-f", sidecar.format, "-")
        assert path.read_bytes() == told


def test_text_of_a_late_file_is_on_the_film_s_clock(tmp_path: Path) -> None:
    whole = subtitled("b.mkv", OVERLAPPING, codecs=["srt"], languages=["eng"])(tmp_path)
    late = tmp_path / "a.mkv"
    ffmpeg("-i", whole, "-c", "copy", "-map", "0", "-output_ts_offset", "5", late)
    plan = plan_tracks(late)
    write_sidecar(late, plan.beside[0], plan, tmp_path / "a.srt")
    assert "00:00:00,021 --> 00:00:01,521" in (tmp_path / "a.srt").read_text()


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        ("styled/x/clip.en.ass", True),
        ("styled/x/clip.de.forced.2.srt", True),
        ("styled/x/clip.mp4.en.ass", False),
        ("styled/x/clip.en.und.ass", False),
        ("styled/x/clipper.en.ass", False),
        ("styled/x/clip.en.mp4", False),
        ("styled/x/clip.ass", False),
    ],
)
def test_files_beside_a_film_are_known_by_their_names(name: str, beside: bool) -> None:
    assert is_sidecar(name, film="styled/x/clip.mp4") is beside
