"""Files and pictures in `version_0_1` were written by that version, whose PyTorch and OpenVINO gave
the same bytes."""

from pathlib import Path

import numpy as np
import pytest

from style_pipeline.stylization.backends.pytorch import PyTorchBackend
from style_pipeline.stylization.color import Picture, shape_of
from style_pipeline.stylization.model_file import load_model
from style_pipeline_tests.stylization.stylizing import BT709, difference, style

FOLDER = Path(__file__).parent / "version_0_1"
SIZE = (32, 24)
HASHES = {
    "slim": "affb00ceb83de90ecf2980bdbefbcc3e94e14b86fa5188cfd6c03cda969459a8",
    "transformer": "5ceb87e2d1da705675a2941164f0d72b5fba1963a3e52aa983deedd286b39480",
}


def picture() -> Picture:
    rng = np.random.default_rng(7)
    return rng.integers(110, 146, shape_of(SIZE)).astype(np.uint8)


@pytest.mark.usefixtures("in_float32")
@pytest.mark.parametrize("kind", HASHES)
def test_a_former_network_stylizes_as_it_did(kind: str) -> None:
    network = load_model(FOLDER / f"{kind}.safetensors").network
    expected = np.load(FOLDER / f"{kind}.npy")
    assert expected.std() > 20, "a picture in which something could differ"
    assert difference(style(network, [picture()], SIZE)[0], expected) <= 1

    stylize, _ = PyTorchBackend.load(network, "cpu", None).prepare(SIZE, BT709)
    assert difference(stylize(picture(), network.style), expected) <= 1


@pytest.mark.parametrize("kind", HASHES)
def test_a_former_network_is_a_body_of_its_own(kind: str) -> None:
    model = load_model(FOLDER / f"{kind}.safetensors")
    assert model.style == model.network.architecture.name == kind
    assert model.sha256 == model.body == HASHES[kind], "videos that are under way know it by that"
