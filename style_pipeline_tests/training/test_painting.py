from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from style_pipeline.media.still_pictures import BadPicture
from style_pipeline.training.painting import load_painting


def test_a_painting_is_bytes_and_its_long_side_is_reduced(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (1500, 3000, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    for options, shape in (({}, (3, 1024, 2048)), ({"longest": 300}, (3, 150, 300))):
        painting = load_painting(tmp_path / "a.png", **options)
        assert (painting.dtype, tuple(painting.shape)) == (torch.uint8, shape)


def test_a_painting_of_one_color_is_refused(tmp_path: Path) -> None:
    Image.new("RGB", (80, 80), "teal").save(tmp_path / "a.png")
    with pytest.raises(BadPicture, match=r"^a\.png is nearly all of one color: there is no style"):
        load_painting(tmp_path / "a.png")
