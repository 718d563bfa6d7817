import json
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pictures

from benchmarks.blind import (
    HEAD,
    Contest,
    Secret,
    draw_lots,
    key_of,
    read_key,
    score,
    write_pairs,
)
from benchmarks.film import Frame
from benchmarks.judge import Painting
from benchmarks.sheets import GAP
from benchmarks.warping import Image
from style_pipeline_tests.benchmarks.scenes import flat

RED, BLUE = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)
FRAMES = [Frame(f"frame{number}", flat(72, 128, 0.5, 0.5, 0.5)) for number in range(6)]


def contest(rival: str) -> Contest:
    def paint(color: tuple[float, ...], picture: Image) -> Image:
        return flat(*picture.shape[:2], *color)

    return Contest(
        painting=Painting("wave", "wave.jpg", flat(64, 64, 1, 1, 0)),
        rival=rival,
        theirs=lambda picture: paint(BLUE, picture),
        ours=lambda picture: paint(RED, picture),
    )


CONTESTS = [contest("peer"), contest("other")]


def test_rivals_are_met_equally_often_on_frames_that_differ() -> None:
    drawn = list(draw_lots(CONTESTS, FRAMES, 11, random.Random(0)))
    met = Counter(contest.rival for contest, _, _ in drawn)
    assert sorted(met.values()) == [5, 6]
    assert len({(contest.rival, frame.name) for contest, frame, _ in drawn}) == 11


def test_sides_are_by_lot() -> None:
    lots = [draw_lots(CONTESTS, FRAMES, 12, random.Random(seed)) for seed in range(20)]
    sides = Counter(side for lot in lots for _, _, side in lot)
    assert sides.keys() == {"left", "right"}
    assert min(sides.values()) > 90


def test_more_pairs_than_there_are_is_refused() -> None:
    with pytest.raises(SystemExit, match="13 pairs: there are 2 rivals on 6 frames"):
        list(draw_lots(CONTESTS, FRAMES, 13, random.Random(0)))


def test_the_key_says_where_ours_is_and_the_folder_does_not(tmp_path: Path) -> None:
    out = tmp_path / "pairs"
    write_pairs(list(draw_lots(CONTESTS, FRAMES, 8, random.Random(1))), out)
    key = read_key(out)
    assert sorted(key) == [f"{number:02}" for number in range(1, 9)]
    assert {path.name for path in out.iterdir()} == {f"{name}.png" for name in key} | {
        "question.txt"
    }
    assert key_of(out).parent == tmp_path
    for name, secret in key.items():
        with Pictures.open(out / f"{name}.png") as pair:
            assert not pair.info
            row = np.asarray(pair)[HEAD + GAP + 200]
        ours, theirs = ("left", "right") if secret.ours == "left" else ("right", "left")
        shown = {"left": row[300], "right": row[-300]}
        assert tuple(shown[ours]) == (255, 0, 0)
        assert tuple(shown[theirs]) == (0, 0, 255)


KEY = {
    "01": Secret(painting="wave", frame="a", rival="peer", ours="left"),
    "02": Secret(painting="wave", frame="b", rival="peer", ours="right"),
    "03": Secret(painting="wave", frame="c", rival="other", ours="right"),
}


def test_preferences_are_counted_by_rival_and_in_all() -> None:
    *_, other, peer, total = score(KEY, {"01": "left", "02": "left", "03": "right"})
    assert other == "| wave | other | 1 of 1 | 100% |"
    assert peer == "| wave | peer | 1 of 2 | 50% |"
    assert total == "| all | | 2 of 3 | 67% |"


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"01": "left", "02": "left"}, "do not agree: 03"),
        ({"01": "left", "02": "left", "03": "left", "04": "left"}, "do not agree: 04"),
        ({"01": "left", "02": "both", "03": "left"}, "02: 'both' is neither left nor right"),
    ],
)
def test_answers_that_do_not_fit_the_pairs_are_refused(
    answers: dict[str, str], reason: str
) -> None:
    with pytest.raises(SystemExit, match=reason):
        list(score(KEY, answers))


def test_the_key_can_be_read_by_others(tmp_path: Path) -> None:
    write_pairs([(CONTESTS[0], FRAMES[0], "left")], tmp_path / "one")
    read = json.loads((tmp_path / "one.key.json").read_text())
    assert read == {"01": {"painting": "wave", "frame": "frame0", "rival": "peer", "ours": "left"}}
