import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from style_pipeline.intake.reports import report_name
from style_pipeline.object_names import Style
from style_pipeline.partitions import UPLOAD_TAG
from style_pipeline.resources.models import publish_model, trained_styles
from style_pipeline.styles import FINE
from style_pipeline_tests.assets.studio import Studio, fails, made, new_studio
from style_pipeline_tests.assets.test_style_model import model
from style_pipeline_tests.stylization.published import state_dict


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    with new_studio(tmp_path) as studio:
        yield studio


def stored(value: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def test_a_network_that_people_have_is_a_style(studio: Studio) -> None:
    etag = studio.drop(content=stored(state_dict()), extension="pth")
    metadata = made(studio.run(tags={UPLOAD_TAG: etag}, settings={"photographs": ""}))
    sha256 = metadata["model_hash"]
    assert trained_styles(studio.ops)["wave"] == sha256
    assert (metadata["network"], metadata["upload"]) == ("styles/wave.pth", etag)
    found = model(studio, sha256)
    assert (found.style, found.network.architecture.name) == ("wave", "examples")


def test_one_that_is_no_such_network_is_refused_and_reported(studio: Studio) -> None:
    studio.drop(content=stored({"weight": torch.zeros(3)}), extension="pth")
    wrong = (
        "wave.pth is no network of pytorch/examples' fast_neural_style: it has no "
        "conv1.conv2d.weight: export the network again, and drop it again"
    )
    assert fails(studio) == f"wave: {wrong}"
    assert wrong in studio.media.read(report_name("styles/wave.pth")).decode()


def test_a_network_in_a_painting_s_place_has_no_fine_version(studio: Studio) -> None:
    fine = Style.of("wave", FINE)
    sha256 = studio.publish("wave")
    path = studio.root / "wave.safetensors"
    publish_model(studio.ops, style="wave", path=path, sha256=sha256, quality=FINE)
    studio.drop(content=stored(state_dict()), extension="pth")
    studio.instance.add_dynamic_partitions("styles", [fine.key])
    assert fails(studio, style=fine) == (
        "wave/fine: wave.pth is a network and no painting, and has no fine version"
    )
    made(studio.run())
    assert "wave" not in trained_styles(studio.ops, FINE)
