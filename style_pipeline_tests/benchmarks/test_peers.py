import json
from pathlib import Path

from PIL import Image as Pictures

from benchmarks.judge import Painting, Scores, Steadiness
from benchmarks.peers import Comparison, as_json, table, write
from benchmarks.sheets import GAP, LABEL, crop, grid, whole
from style_pipeline_tests.benchmarks.scenes import flat, scenery

CLIPS = {
    "cat": Steadiness(warping=0.0003, relative=0.01),
    "dog": Steadiness(warping=0.0001, relative=0.03),
}
SCORES = {
    "the source": Scores(style=0.9, flat=0.95, palette=32, tone=1, content=0, clips=CLIPS),
    "halves": Scores(style=0.4, flat=0.6, palette=12.34),
}


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")[1:-1]]


def test_the_table_has_a_row_for_every_painter_and_leaves_out_what_is_not_known() -> None:
    head, _, source, halves, empty, clips, _, each = table(SCORES)
    assert len(cells(head)) == len(cells(source)) == len(cells(halves)) == 10
    assert cells(source)[:6] == ["the source", "0.900", "0.950", "32.0", "1.00", "0.000"]
    assert cells(source)[6:] == ["", "", "2.0", "0.0200"], "no shift error, no rims"
    assert cells(halves)[:4] == ["halves", "0.400", "0.600", "12.3"]
    assert set(cells(halves)[4:]) == {""}
    assert empty == ""
    assert cells(clips)[1:] == ["cat", "dog"]
    assert cells(each) == ["the source", "3.00 (0.0100)", "1.00 (0.0300)"]


def test_the_json_holds_the_same_and_null_for_what_is_not_known() -> None:
    read = json.loads(as_json(SCORES))
    assert read["the source"]["clips"]["dog"] == {"warping": 0.0001, "relative": 0.03}
    assert read["halves"]["style"] == 0.4
    assert read["halves"]["rims"] is None


def test_whole_frames_are_shrunk_and_crops_are_not() -> None:
    frame = scenery(720, 1280)
    assert whole(frame, (480, 270)).size == (480, 270)
    cut = crop(frame, (64, 32))
    middle = frame[344:376, 608:672]
    assert cut.getpixel((0, 0)) == tuple((middle[0, 0] * 255).round().astype(int))
    assert crop(frame[:16, :16], (64, 32)).size == (64, 32), "white around what is smaller"


def test_a_grid_has_a_column_for_every_label() -> None:
    red, blue = (Pictures.new("RGB", (40, 30), color) for color in ("red", "blue"))
    sheet = grid({"one": [red, red], "two": [blue]})
    assert sheet.size == (80 + GAP, LABEL + 60 + GAP)
    assert sheet.getpixel((20, LABEL + 30 + GAP + 10)) == (255, 0, 0)
    assert sheet.getpixel((60, LABEL + 10)) == (0, 0, 255)
    assert sheet.getpixel((60, LABEL + 30 + GAP + 10)) == (255, 255, 255)


def test_everything_is_written_under_the_painting_s_name(tmp_path: Path) -> None:
    painting = Painting("wave", "wave.jpg", flat(64, 64, 0, 0, 1))
    cell = [whole(painting.image)]
    text = write(Comparison(painting, SCORES, {"a": cell}, {"a": cell}), tmp_path / "out")
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"wave.md", "wave.json", "wave-whole.png", "wave-crops.png"}
    assert text.startswith("### wave\n\n| |")
