from argparse import ArgumentTypeError
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.film import MATERIAL
from benchmarks.painters import (
    BEFORE,
    known_painting,
    model_argument,
    ours,
    painter_of,
    peer_painters,
    rivals,
)
from style_pipeline.styles import former_networks, shipped_styles
from style_pipeline_tests.benchmarks.scenes import scenery

FRAME = scenery(100, 130)
needs_peers = pytest.mark.skipif(
    not (MATERIAL / "peers").exists(), reason="no networks beside the project"
)


def test_one_of_our_styles_paints_pictures_of_any_size() -> None:
    name, model = next(iter(shipped_styles().items()))
    painter = painter_of(model)
    for picture in (FRAME, FRAME[:99, :129]):
        painted = painter(picture)
        assert painted.shape == picture.shape, name
        assert 0 <= painted.min() < painted.max() <= 1
        assert np.abs(painted - picture).mean() > 0.02


def test_what_shipped_before_is_a_row_of_its_artwork() -> None:
    painting = known_painting("ink")
    assert painting.image.shape[2] == 3
    label = f"shipped at {BEFORE}"
    painter = rivals(painting)[label]
    assert painter(FRAME).shape == FRAME.shape


def test_what_ships_and_what_is_tried_are_rows_of_their_painting() -> None:
    model = former_networks()["ink"]
    found = ours(known_painting("ink"), [("ink", model), ("udnie", model)])
    assert list(found) == ["ours", "ours, fine", "ours: ink"]


def test_each_quality_that_ships_is_a_row_of_its_painting() -> None:
    wave = replace(known_painting("ink"), name="great-wave")
    assert list(ours(wave, [])) == ["ours", "ours, fine"]


@needs_peers
def test_a_title_that_two_paintings_have_goes_with_its_painter() -> None:
    with pytest.raises(SystemExit, match="expected the title of one painting, found munch_self"):
        known_painting("self-portrait")
    assert known_painting("munch_self-portrait").file == "munch_self-portrait.jpg"


def test_a_painting_that_nobody_knows_is_refused() -> None:
    with pytest.raises(SystemExit, match="no-such: expected the title of one painting, found none"):
        known_painting("no-such")


def test_a_model_to_be_tried_is_named_with_its_painting() -> None:
    assert model_argument("udnie=a/b.safetensors") == ("udnie", Path("a/b.safetensors"))
    with pytest.raises(ArgumentTypeError, match="expected PAINTING=MODEL"):
        model_argument("udnie")


@needs_peers
@needs_peers
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("great-wave", {"dumoulin 24 of 26-styles", "lengstrom wave", "microast"}),
        ("shipwreck", {"lengstrom wreck", "microast"}),
        ("udnie", {"lengstrom udnie", "pytorch-examples udnie", "microast"}),
        ("starry-night", {"dumoulin 19 of 26-styles", "microast"}),
    ],
)
def test_every_network_of_a_painting_is_a_row_and_paints(name: str, expected: set[str]) -> None:
    painters = peer_painters(known_painting(name))
    assert painters.keys() == expected
    for label, painter in painters.items():
        painted = painter(FRAME)
        assert painted.shape == FRAME.shape
        assert 0 <= painted.min() < painted.max() <= 1, label
