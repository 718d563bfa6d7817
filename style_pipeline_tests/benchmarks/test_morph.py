import numpy as np
import pytest

from benchmarks.morph import mixtures, morph


def test_each_style_turns_into_the_next_and_is_held_before() -> None:
    found = mixtures(["a", "b", "c"], 24)
    assert found[0] == found[1] == found[2] == {"a": 1.0, "b": 0.0}
    assert found[11] == {"a": 0.0, "b": 1.0}
    assert found[12] == {"b": 1.0, "c": 0.0}
    assert found[23] == {"b": 0.0, "c": 1.0}
    assert all(sum(shares.values()) == pytest.approx(1) for shares in found)


def test_a_morph_has_a_picture_for_each_frame() -> None:
    frames = [np.random.default_rng(n).random((64, 96, 3), dtype=np.float32) for n in range(2)]
    pictures = morph(frames, ["starry-night", "great-wave"])
    assert [picture.size for picture in pictures] == [(96, 64)] * 2
