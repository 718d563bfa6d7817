import pytest
from PIL import Image

from style_pipeline.media import telling
from style_pipeline.media.images import CAPTION
from style_pipeline.preview import CELL, GAP, STRENGTHS
from style_pipeline.resources.models import trained_styles
from style_pipeline_tests.assets.journey import CLIP, Journey, failure, picture_in

HEIGHT = CELL * 48 // 64


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        telling, "sandboxed", lambda read, path, *args, **kw: read(path, *args, **kw)
    )


def cells(sheet: Image.Image) -> int:
    columns = (sheet.width - GAP) // (CELL + GAP)
    return columns * ((sheet.height - GAP) // (HEIGHT + CAPTION + GAP))


def test_a_video_has_a_sheet_in_every_style_from_its_page(journey: Journey) -> None:
    made = journey.make("preview", at=0.2)
    styles = len(trained_styles(journey.ops))
    assert made["styles"] == styles
    path = journey.root / "media/previews/small/clip.mp4.jpg"
    assert made["location"] == str(path)
    with Image.open(path) as sheet:
        assert cells(sheet) >= 1 + styles
        assert picture_in(made["preview"]).size == sheet.size
    assert journey.instance.get_materialized_partitions(
        journey.run("preview", style="small")
        .asset_materializations_for_node("preview")[-1]
        .asset_key
    ) == {CLIP.key}
    with Image.open(path) as sheet:
        assert cells(sheet) >= 1 + len(STRENGTHS) > cells(sheet) // 2


def test_what_cannot_be_shown_is_said_in_one_line(journey: Journey) -> None:
    wrong = failure(journey.run("preview", style="cubism"))
    assert wrong.startswith("small/clip.mp4: there is no trained style 'cubism': there are ")
    assert failure(journey.run("preview", at=60.0)).startswith(
        "small/clip.mp4: clip.mp4 ends before 60 s"
    )
