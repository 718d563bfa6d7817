import hashlib
from pathlib import Path

import numpy as np
from PIL import Image

from style_pipeline.training.job import drawn_artwork, read_artwork


def test_a_painting_is_known_by_its_hash(tmp_path: Path) -> None:
    path = tmp_path / "painting.png"
    noise = np.random.default_rng(0).integers(0, 256, (72, 100, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    artwork = read_artwork(path)
    assert artwork.pixels.shape == (3, 72, 100)
    assert artwork.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_an_artwork_made_by_code_is_known_by_its_name() -> None:
    artwork = drawn_artwork("ink")
    assert artwork.name == "ink"
    assert len(artwork.sha256) == 64
