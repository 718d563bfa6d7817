from pathlib import Path

import numpy as np
import pytest

from benchmarks.remembering import Remembering
from benchmarks.warping import Image
from style_pipeline_tests.benchmarks.scenes import scenery


class Counting:
    def __init__(self) -> None:
        self.painted = 0

    def __call__(self, picture: Image) -> Image:
        self.painted += 1
        return 1.1 - picture  # a little beyond what 8 bits hold


@pytest.mark.parametrize("kept_in", ["memory", "a folder"])
def test_a_picture_is_painted_once_and_another_again(kept_in: str, tmp_path: Path) -> None:
    counting = Counting()
    painter = Remembering(counting, None if kept_in == "memory" else tmp_path / "cache")
    first, other = scenery(), scenery(seed=1)
    made = painter(first)
    assert np.array_equal(painter(first.copy()), made)
    assert counting.painted == 1
    assert made == pytest.approx((1.1 - first).clip(0, 1), abs=0.5 / 255 + 1e-6)
    assert not np.array_equal(painter(other), made)
    assert counting.painted == 2
    assert painter(first[:64]).shape == (64, *first.shape[1:])


def test_a_folder_is_remembered_by_the_next_run(tmp_path: Path) -> None:
    made = Remembering(Counting(), tmp_path)(scenery())
    later = Counting()
    assert np.array_equal(Remembering(later, tmp_path)(scenery()), made)
    assert later.painted == 0
