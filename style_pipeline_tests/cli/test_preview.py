from pathlib import Path

import pytest
from PIL import Image

from style_pipeline.media.images import CAPTION
from style_pipeline.preview import CELL, GAP
from style_pipeline.styles import FINE, shipped_styles
from style_pipeline_tests.cli.shell import refusal, run
from style_pipeline_tests.clips import H264, ffmpeg, moving


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    Image.effect_noise((96, 64), 60).convert("RGB").save(tmp_path / "me.png")
    return tmp_path


def cells(sheet: Path) -> tuple[int, int]:
    with Image.open(sheet) as image:
        return (
            (image.width - GAP) // (CELL + GAP),
            (image.height - GAP) // (CELL * 64 // 96 + CAPTION + GAP),
        )


def test_a_picture_is_shown_in_every_style(folder: Path) -> None:
    assert run("preview", "me.png").out == "me-preview.jpg\n"
    columns, rows = cells(folder / "me-preview.jpg")
    assert columns * rows >= 1 + len(shipped_styles()) > columns * (rows - 1)


def test_a_frame_of_a_video_is_shown_in_one_style_at_several_strengths(folder: Path) -> None:
    ffmpeg(*moving("96x64", frames=50), *H264, folder / "clip.mp4")
    assert run("preview", "clip.mp4", "--at", "0:01", "-s", "great-wave", "-o", "a.png").code == 0
    assert cells(folder / "a.png") == (3, 2)
    told = run("preview", "clip.mp4", "-s", "great-wave", "--json").json
    assert told == {"sheet": "clip-preview.jpg", "styles": ["great-wave"]}


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (("--at", "x"), "Invalid value for '--at': 'x' should be seconds, or M:SS, as 42 or 0:42"),
        (("--at", "nan"), "Invalid value for '--at': 'nan' should be seconds"),
        (("--at", "-1"), "Invalid value for '--at': '-1' should be seconds"),
        (("-o", "sheet.txt"), "sheet.txt: a sheet is one of .jpg, .jpeg, .png, .webp"),
        (("-o", "me.png"), "me.png is what it would be made of: say with -o where it goes"),
        (("-o", "me.png/sheet.jpg"), "{folder}/me.png is no folder: say with -o where it goes"),
        (("-s", "none"), "there is no style 'none': there are brushwork, "),
    ],
)
def test_what_cannot_be_is_said(folder: Path, words: tuple[str, ...], wrong: str) -> None:
    assert refusal("preview", "me.png", *words).startswith(wrong.format(folder=folder))


def test_a_time_beyond_the_end_is_said(folder: Path) -> None:
    ffmpeg(*moving("96x64", frames=5), *H264, folder / "clip.mp4")
    assert refusal("preview", "clip.mp4", "--at", "60", code=1) == "clip.mp4 ends before 60 s"


def test_of_quality_fine_those_styles_are_shown_that_have_it(folder: Path) -> None:
    told = run("preview", "me.png", "--quality", "fine", "--json").json
    assert told["styles"] == [*shipped_styles(FINE)]
