import io

import torch

from style_pipeline.intake.reports import report_name
from style_pipeline.partitions import UPLOAD_TAG
from style_pipeline.resources.models import trained_styles
from style_pipeline_tests.assets.studio import Studio, fails, made
from style_pipeline_tests.assets.test_style_model import model
from style_pipeline_tests.stylization.published import state_dict


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
