"""Closed captions in the pictures, from the source's frames to the film's."""

from dataclasses import replace
from pathlib import Path

import pytest

from style_pipeline.media.captions import message_unit
from style_pipeline.media.encoding import Encoder
from style_pipeline.media.indexing import index_frames
from style_pipeline_tests.clips import H264, ffmpeg, moving, plain
from style_pipeline_tests.media.films import make_film

ROLL_UP = ["9425", "9425", "9470", "9470", "c845", "4c4c", "4fa1", "94ad", "94ad"]
"""Of CEA-608: two lines that roll up, `HELLO!`, and another line."""


def captioned_clip(folder: Path, *arguments: str) -> Path:
    """H.264 with a pair of characters before each picture."""
    bare = plain("a.mpg", *H264, "-bf", "0", *arguments, "-f", "h264", inputs=moving(rate="30"))
    units = [unit.rstrip(b"\0") for unit in bare(folder).read_bytes().split(b"\0\0\1")]
    pairs = iter(ROLL_UP)
    made = b""
    for unit in units[1:]:
        if unit[0] & 31 in (1, 5):
            pair = bytes.fromhex("fc" + next(pairs, "8080")) + b"\xf9\0\0"
            made += b"\0\0\0\1" + message_unit(pair, codec="h264")[4:]
        made += b"\0\0\0\1" + unit
    source = folder / "captioned.mpg"
    source.write_bytes(made)
    film = folder / "captioned.mp4"
    ffmpeg("-i", source, "-c", "copy", film)
    return film


def read_by_ffmpeg(path: Path) -> str:
    source = f"movie={path}[out0+subcc]"
    return ffmpeg("-f", "lavfi", "-i", source, "-map", "0:s", "-f", "srt", "-").decode()


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_captions_come_with_the_same_frames_of_a_film(codec: str, tmp_path: Path) -> None:
    source = captioned_clip(tmp_path, "-x264-params", "slices=1:threads=1")
    assert "HELLO!" in read_by_ffmpeg(source)
    encoder = Encoder(preset="superfast", crf=20, codec=codec)
    film = make_film(source, tmp_path / "film", chunks=2, encoder=encoder)
    assert film.wrong() == []
    assert len(film.index.captions) == len(film.index)
    assert list(film.made.captions.values()) == list(film.index.captions.values())
    assert film.index.left_out == ()
    assert read_by_ffmpeg(film.path) == read_by_ffmpeg(source)
    silent = replace(film, made=replace(film.made, rows=film.made.rows.drop_columns("captions")))
    assert silent.wrong() == ["tracks_are_complete"]


def test_other_codecs_hold_none(tmp_path: Path) -> None:
    source = captioned_clip(tmp_path)
    encoder = Encoder(preset="superfast", crf=20, codec="av1")
    film = make_film(source, tmp_path / "film", encoder=encoder)
    assert (film.wrong(), film.made.captions) == ([], {})


def test_many_captions_take_several_messages(tmp_path: Path) -> None:
    pairs = bytes.fromhex("fc8080") * 40
    unit = message_unit(pairs, codec="hevc")
    assert int.from_bytes(unit[:4], "big") == len(unit) - 4
    assert unit.count(b"GA94") == 2
    assert b"\0\0\1" not in unit[4:]


def test_a_video_without_captions_has_no_column_for_them(tmp_path: Path) -> None:
    index = index_frames(plain("a.mp4", *H264)(tmp_path))
    assert index.captions == {}
    assert "captions" not in index.rows.column_names
