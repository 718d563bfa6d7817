from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from style_pipeline.media.still_pictures import is_still_picture
from style_pipeline.training.photographs import load_photographs, spread


def test_photographs_are_reduced_and_those_that_fall_short_left_out(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name, size in {"large": (1500, 900), "small": (70, 80), "tiny": (10, 10)}.items():
        pixels = rng.integers(0, 256, (*size[::-1], 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    (tmp_path / "torn.jpg").write_bytes(b"no picture")
    warnings: list[str] = []
    found = load_photographs(sorted(tmp_path.iterdir()), warn=warnings.append)
    assert {name: tuple(pixels.shape) for name, pixels in found.items()} == {
        "large": (3, 614, 1024),
        "small": (3, 80, 70),
    }
    assert warnings == [
        "photograph left out: tiny.png has 10x10 pixels: it needs at least 64 a side, better 500",
        "photograph left out: torn.jpg is not a whole JPEG, PNG or WebP picture: export it as one",
    ]


@pytest.mark.parametrize("name", ["a.jpg", "folder/b.JPEG", "c.d.png", "e.webp"])
def test_a_photograph_is_known_by_its_name(name: str) -> None:
    assert is_still_picture(name)


@pytest.mark.parametrize("name", ["readme.txt", "jpg", "folder.jpg/readme", ".jpg", "a.gif", ""])
def test_other_files_are_none(name: str) -> None:
    assert not is_still_picture(name)


def test_too_many_photographs_are_thinned_evenly() -> None:
    names = [f"{n:03}" for n in range(10)]
    assert spread(reversed(names), 4) == ["000", "002", "005", "007"]
    assert spread(names, 20) == names
    assert spread([]) == []
