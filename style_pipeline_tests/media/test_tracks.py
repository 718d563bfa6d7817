from fractions import Fraction
from pathlib import Path

import av
import pytest

from style_pipeline.media.audio_tracks import read_audio_tracks
from style_pipeline.media.tracks import plan_tracks
from style_pipeline_tests.clips import (
    AAC,
    H264,
    OPEN_GOP,
    SRT,
    VP9,
    Maker,
    cut,
    ffmpeg,
    moving,
    plain,
    tone,
    with_everything,
)
from style_pipeline_tests.media.conftest import Clips
from style_pipeline_tests.media.films import make_film, packets, times

TWO_TRACKS = ["-map", "0:v", "-map", "1:a", "-map", "2:a"]
SOUND = moving() + tone()
TWO_SOUNDS = moving() + tone() + tone(frequency=880, rate=44100)
SOUND_LATE = [*moving(), "-itsoffset", "0.7", *tone()]
PICTURES_LATE = [*tone(), "-itsoffset", "0.35", *moving()]
BOTH_LATE = ["-itsoffset", "1.2", *moving(), "-itsoffset", "1.0537", *tone()]


def tuned_in(folder: Path) -> Path:
    """A broadcast with sound, recorded from the middle on."""
    whole = plain("whole.ts", *OPEN_GOP, *AAC, inputs=moving(frames=60) + tone(2.4))(folder)
    output = folder / "tuned_in.ts"
    data = whole.read_bytes()
    output.write_bytes(data[len(data) // 3 // 188 * 188 :])
    return output


WITH_SOUND: dict[str, tuple[Maker, str]] = {
    "aac": (plain("a.mp4", *H264, *AAC, inputs=SOUND), "mp4"),
    "two_tracks": (plain("a.mp4", *H264, *AAC, *TWO_TRACKS, inputs=TWO_SOUNDS), "mp4"),
    "two_codecs": (
        plain("a.mkv", *H264, *TWO_TRACKS, "-c:a:0", "flac", "-c:a:1", "ac3", inputs=TWO_SOUNDS),
        "mp4",
    ),
    "longer_than_the_video": (plain("a.mp4", *H264, *AAC, inputs=moving() + tone(3)), "mp4"),
    "shorter_than_the_video": (plain("a.mp4", *H264, *AAC, inputs=moving() + tone(0.3)), "mp4"),
    "starts_late": (plain("a.mp4", *H264, *AAC, inputs=SOUND_LATE), "mp4"),
    "starts_before_the_video": (plain("a.mkv", *H264, *AAC, inputs=PICTURES_LATE), "mp4"),
    "both_start_late": (plain("a.mp4", *H264, *AAC, inputs=BOTH_LATE), "mp4"),
    "both_start_late_on_a_coarse_clock": (
        plain("a.mov", *H264, *AAC, "-video_track_timescale", "600", inputs=BOTH_LATE),
        "mp4",
    ),
    "edit_list": (cut("a.mp4", plain("b.mp4", *H264, *AAC, inputs=SOUND), seek="0.23"), "mp4"),
    "ts_aac": (plain("a.ts", *H264, *AAC, inputs=SOUND), "mp4"),
    "ts_mp2": (plain("a.ts", *H264, "-c:a", "mp2", inputs=SOUND), "mp4"),
    "ts_tuned_in": (tuned_in, "mp4"),
    "flv_mp3": (plain("a.flv", *H264, "-c:a", "libmp3lame", "-ar", "44100", inputs=SOUND), "mp4"),
    "avi_mp3": (plain("a.avi", "-c:v", "mpeg4", "-c:a", "libmp3lame", inputs=SOUND), "mp4"),
    "avi_pcm": (plain("a.avi", "-c:v", "mpeg4", "-c:a", "pcm_s16le", inputs=SOUND), "mov"),
    "mov_pcm": (plain("a.mov", *H264, "-c:a", "pcm_s24le", inputs=SOUND), "mov"),
    "webm_opus": (plain("a.webm", *VP9, "-c:a", "libopus", inputs=SOUND), "mp4"),
    "webm_vorbis": (plain("a.webm", *VP9, "-c:a", "libvorbis", inputs=SOUND), "matroska"),
    "avi_wma": (plain("a.avi", "-c:v", "mpeg4", "-c:a", "wmav2", inputs=SOUND), "matroska"),
    # At 29.97 frames a second some frames fall on half a millisecond.
    "ntsc_wma": (
        plain("b.avi", "-c:v", "mpeg4", "-c:a", "wmav2", inputs=moving(rate="30000/1001") + tone()),
        "matroska",
    ),
    "wmv": (plain("a.wmv", "-c:v", "msmpeg4", "-c:a", "wmav2", inputs=SOUND), "matroska"),
    "mov_ulaw": (plain("a.mov", *H264, "-c:a", "pcm_mulaw", inputs=SOUND), "mov"),
    "mov_aac_and_ulaw": (
        plain("a.mov", *H264, *TWO_TRACKS, *AAC, "-c:a:1", "pcm_mulaw", inputs=TWO_SOUNDS),
        "mov",
    ),
}


ADTS = {"ts_aac", "ts_tuned_in"}
UNCOMPRESSED = {"avi_pcm", "mov_pcm", "mov_ulaw", "mov_aac_and_ulaw"}


@pytest.mark.parametrize("name", WITH_SOUND)
def test_every_audio_packet_is_the_source_s_bit_for_bit_and_in_time(
    name: str, tmp_path: Path
) -> None:
    make, container = WITH_SOUND[name]
    source = make(tmp_path)
    film = make_film(source, tmp_path / "film", chunks=2)
    assert film.wrong() == [], film.check()
    assert film.plan.container == container
    start = film.index.video.start
    half_a_tick = Fraction(1, 2000) if container == "matroska" else 0
    for made, original in zip(times(film.path), times(source), strict=True):
        assert abs(made - (original - start)) <= half_a_tick
    for made_track, track in zip(*map(read_audio_tracks, (film.path, source)), strict=True):
        assert abs(made_track.start - (track.start - start)) <= Fraction(1, 1000)
        assert abs(made_track.end - (track.end - start)) <= Fraction(1, 500)
    bare = ["-bsf:a", "aac_adtstoasc"] if name in ADTS else []
    if name not in UNCOMPRESSED:
        assert packets(film.path) == packets(source, "a", *bare)


EVERYTHING: dict[str, tuple[Maker, str]] = {
    "mkv_srt": (with_everything("a.mkv", *H264, *AAC, subtitles="srt"), "mp4"),
    "mp4": (with_everything("a.mp4", *H264, *AAC, subtitles="mov_text"), "mp4"),
    "mov": (with_everything("a.mov", *H264, "-c:a", "pcm_mulaw", subtitles="mov_text"), "mov"),
    "mkv": (with_everything("b.mkv", *H264, "-c:a", "wmav2", subtitles="ass"), "matroska"),
    "webm": (with_everything("a.webm", *VP9, "-c:a", "libopus", subtitles="webvtt"), "mp4"),
}


@pytest.mark.parametrize("name", EVERYTHING)
def test_subtitles_chapters_titles_and_languages_are_kept(name: str, tmp_path: Path) -> None:
    make, container = EVERYTHING[name]
    film = make_film(make(tmp_path), tmp_path / "film")
    assert film.wrong() == []
    assert (film.plan.container, film.plan.left_out) == (container, ())
    with av.open(str(film.path)) as made, av.open(str(film.source)) as source:
        assert {"title": "The film", "artist": "Somebody"}.items() <= lower(made.metadata).items()
        found = made.chapters()
        assert [chapter["metadata"]["title"] for chapter in found] == ["Dawn", "Dusk"]
        assert [chapter["start"] * float(chapter["time_base"] or 0) for chapter in found] == [
            0,
            0.4,
        ]
        assert [stream.language for stream in made.streams.audio] == ["eng", "ita"]
        assert made.streams.subtitles[0].language == "spa"
        assert made.streams.video[0].language == source.streams.video[0].language
        commentary = made.streams.audio[1]
        # MP4 makes the first track of a kind the default one, whatever it was.
        assert commentary.disposition == source.streams.audio[1].disposition
        assert "Commentary" in commentary.metadata.values()
    assert subtitles(film.path) == SRT.strip()


def lower(tags: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in tags.items()}


def subtitles(path: Path) -> str:
    return ffmpeg("-i", path, "-map", "0:s", "-f", "srt", "-").decode().strip()


def test_a_silent_source_makes_a_silent_film(clip: Clips, tmp_path: Path) -> None:
    film = make_film(clip("cfr_25"), tmp_path)
    assert (film.audio, film.plan.audio, film.wrong()) == (None, (), [])


def test_a_second_picture_and_a_cover_are_left_out_and_it_is_said(tmp_path: Path) -> None:
    cover, source = tmp_path / "cover.png", tmp_path / "a.mp4"
    ffmpeg(*moving(frames=1), cover)
    pictures = ["-map", "0", "-map", "0", "-map", "1", "-c:v:2", "png"]
    ffmpeg(*moving(), "-i", cover, *pictures, "-disposition:v:2", "attached_pic", source)
    film = make_film(source, tmp_path / "film")
    assert film.wrong() == []
    assert [reason.split(":")[0] for reason in film.plan.left_out] == [
        "track 1 (video, h264)",
        "track 2 (video, png)",
    ]


@pytest.mark.parametrize(("two", "three"), [("en", "eng"), ("de-AT", "deu"), ("pt", "por")])
def test_languages_of_two_letters_are_told_in_three(two: str, three: str, tmp_path: Path) -> None:
    tags = ["-metadata:s:a:0", f"language={two}", "-metadata:s:v:0", f"language={two}"]
    source = plain("a.mkv", *H264, *AAC, *tags, inputs=SOUND)(tmp_path)
    film = make_film(source, tmp_path / "film")
    with av.open(str(film.path)) as made:
        assert {stream.language for stream in made.streams} == {three}


def test_a_plan_names_no_track_where_there_is_only_one(tmp_path: Path) -> None:
    assert plan_tracks(plain("a.mp4", *H264)(tmp_path)).pictures == ""
