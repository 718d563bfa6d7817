"""Films of a part of a video."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from style_pipeline.media.audio_tracks import read_audio_tracks
from style_pipeline.media.cut import Cut, NothingLeft, Part
from style_pipeline.media.indexing import index_frames
from style_pipeline.media.pictures import Picture
from style_pipeline.media.range_reader import read_range
from style_pipeline.media.source import open_video
from style_pipeline.media.tracks import plan_tracks
from style_pipeline_tests.clips import (
    AAC,
    H264,
    ffmpeg,
    moving,
    plain,
    with_everything,
)
from style_pipeline_tests.media.conftest import Clips
from style_pipeline_tests.media.films import Film, make_film, packets, times
from style_pipeline_tests.media.test_decoding import DAMAGED
from style_pipeline_tests.media.test_deinterlacing import INTERLACED

MIDDLE = Cut(Fraction("0.3"), Fraction("0.7"))
CHIRP = ["-f", "lavfi", "-i", "aevalsrc=0.5*sin(500*t*t*t):s=48000:d=2"]


@pytest.mark.parametrize(
    "name",
    ["cfr_25", "cfr_29.97", "vfr_mp4", "edit_list_open_gop", "mpeg_ts_open_gop", "avi", "mkv"],
)
def test_a_film_of_a_part_has_exactly_the_frames_of_it(
    name: str, clip: Clips, tmp_path: Path
) -> None:
    whole = index_frames(clip(name))
    film = make_film(clip(name), tmp_path / "film", chunks=3, cut=MIDDLE)
    index = film.index
    with open_video(clip(name)) as (container, stream):
        part = Part.of(container, stream, MIDDLE)
    tick = whole.video.time_base
    kept = [part.holds_frame(pts * tick) for pts in whole.pts.tolist()]
    np.testing.assert_array_equal(index.pts, whole.pts[kept])
    np.testing.assert_array_equal(index.checksums, whole.checksums[kept])
    assert 0 < len(index) < len(whole)
    assert film.wrong() == []
    assert times(film.path)[0] < 1 / whole.video.average_rate


@pytest.mark.parametrize("name", ["cfr_25", "cfr_29.97"])
def test_a_part_begins_with_the_first_frame_that_is_not_before_it(name: str, clip: Clips) -> None:
    whole, index = index_frames(clip(name)), index_frames(clip(name), cut=MIDDLE)
    assert index.video.start == index.pts[0] * index.video.time_base
    first = next(n for n in range(len(whole)) if whole.seconds_at(n) >= 0.3)
    assert index.pts[0] == whole.pts[first]
    assert index.content_hash != index_frames(clip(name), cut=Cut(Fraction("0.3"))).content_hash


def heard(path: Path, *options: str) -> Picture:
    """The samples that a player plays, from time 0 on."""
    data = ffmpeg(
        "-i", path, *options, "-map", "0:a", "-ar", "48000", "-ac", "1", "-f", "s16le", "-"
    )
    return np.frombuffer(data, np.int16).astype(float)


def sound_film(folder: Path, name: str, *codecs: str, cut: Cut = MIDDLE) -> Film:
    source = plain(name, *codecs, inputs=[*moving(frames=50), *CHIRP])(folder)
    return make_film(source, folder / "film", chunks=2, cut=cut)


@pytest.mark.parametrize(
    ("name", "codecs", "container"),
    [
        ("a.mp4", [*H264, *AAC], "mp4"),
        ("a.mp4", [*H264, "-c:a", "libmp3lame"], "mp4"),
        ("a.mov", [*H264, "-c:a", "pcm_s16le"], "mov"),
        ("a.avi", ["-c:v", "mpeg4", "-c:a", "adpcm_ms"], "matroska"),
        ("a.m2ts", [*H264, "-c:a", "pcm_bluray", "-ac", "2"], "mp4"),
    ],
    ids=["aac", "mp3", "pcm", "matroska", "decoded"],
)
def test_audio_is_cut_at_packets_and_plays_as_in_the_video(
    name: str, codecs: list[str], container: str, tmp_path: Path
) -> None:
    film = sound_film(tmp_path, name, *codecs)
    assert (film.plan.container, film.wrong()) == (container, [])
    ours, theirs = heard(film.path), heard(film.source)
    assert len(ours) < 0.7 * len(theirs)
    skipped = round(float(film.plan.skipped) * 48_000)
    # Matroska has no edit list: its sound begins up to a packet later.
    late = max(Fraction(0), read_audio_tracks(film.path)[0].start)
    at, length = skipped + round(late * 48_000), 12_000
    nearest = min(
        np.abs(ours[2000 : 2000 + length] - theirs[begin : begin + length]).mean()
        for begin in range(at + 1976, at + 2025, 4)
    )
    assert nearest < 600, "of 16384"


def test_the_packets_of_a_part_are_the_source_s(tmp_path: Path) -> None:
    film = sound_film(tmp_path, "a.mp4", *H264, *AAC)
    ours = [digest for _, _, digest in packets(film.path)]
    theirs = [digest for _, _, digest in packets(film.source)]
    assert 0.4 * 46 < len(ours) < 0.55 * 46 + 3
    assert set(ours) < set(theirs)
    sound = film.plan.sound[0]
    assert sound.start < film.plan.start, "what decoders need is there, and players leave it out"


def test_an_end_alone_keeps_the_beginning_as_it_is(tmp_path: Path) -> None:
    film = sound_film(tmp_path, "a.mp4", *H264, *AAC, cut=Cut(end=Fraction(1)))
    assert film.wrong() == []
    assert (len(film.index), film.plan.skipped) == (25, Fraction(0))
    assert packets(film.path) != packets(film.source)
    assert film.plan.sound[0].start < 0, "the encoder's delay"


def test_subtitles_and_chapters_are_those_of_the_part(tmp_path: Path) -> None:
    make = with_everything("a.mkv", *H264, *AAC, subtitles="srt")
    film = make_film(make(tmp_path), tmp_path / "film", cut=Cut(Fraction("0.6")))
    assert film.wrong() == []
    text = ffmpeg("-i", film.path, "-map", "0:s", "-f", "srt", "-").decode()
    assert "Bye." in text
    assert "Good morning." not in text
    assert "00:00:00,100" in text
    with av.open(str(film.path)) as made:
        chapters = [
            (
                float(each["start"] * (each["time_base"] or 0)),
                float(each["end"] * (each["time_base"] or 0)),
            )
            for each in made.chapters()
        ]
    assert chapters == [pytest.approx((0, 0.36), abs=0.001)]
    silent = plan_tracks(film.source, cut=Cut(Fraction("0.92")))
    assert silent.subtitles == ()
    assert "track 3 (subtitle, srt): it is empty" in silent.left_out


def test_a_part_in_which_there_is_nothing_is_refused(clip: Clips) -> None:
    with pytest.raises(NothingLeft, match=r"^cfr\.mp4 has no frame from 5 s to 7 s$") as caught:
        index_frames(clip("cfr_25"), cut=Cut(Fraction(5), Fraction(7)))
    assert caught.value.advice().endswith(": change from or to")


def test_damage_outside_of_the_part_is_none_of_the_film_s(tmp_path: Path) -> None:
    source = DAMAGED["h264_ts"](tmp_path)
    film = make_film(source, tmp_path / "film", cut=Cut(end=Fraction(2)))
    assert film.wrong() == []
    assert len(film.index) in (49, 50)


def test_any_range_of_a_deinterlaced_part_is_what_was_indexed(tmp_path: Path) -> None:
    pictures: list[Picture] = []
    source = INTERLACED["mpeg2_ts"][0](tmp_path)
    cut = Cut(Fraction("0.3"), Fraction("0.9"))
    index = index_frames(source, cut=cut, on_frame=lambda number, planes: pictures.append(planes))
    assert index.video.deinterlaced
    for start in range(0, len(index), 6):
        frames = range(start, min(start + 4, len(index)))
        np.testing.assert_array_equal(
            list(read_range(source, index, frames)), pictures[frames.start : frames.stop]
        )
