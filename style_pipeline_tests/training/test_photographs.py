from pathlib import Path

import numpy as np
from PIL import Image

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


def test_too_many_photographs_are_thinned_evenly() -> None:
    names = [f"{n:03}" for n in range(10)]
    assert spread(reversed(names), 4) == ["000", "002", "005", "007"]
    assert spread(names, 20) == names
    assert spread([]) == []
