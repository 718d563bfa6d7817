"""Classifiers that are files."""

import json
from pathlib import Path

import openvino
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from torchvision import models

from scoring_service.classification.networks import converted
from scoring_service.classification.sources import NoClassifier, open_classifier
from scoring_service_tests.classification.imagenet import SHARED, right_within_five
from scoring_service_tests.classification.saved_model import color_model
from scoring_service_tests.serving import color_network

SQUEEZENET = SHARED / "weights/squeezenet_v1_0_imagenet_fp16.safetensors"


def test_what_a_file_sees_is_as_large_as_its_input(network: Path) -> None:
    found = open_classifier(str(network), device="cpu")
    assert (found.preparation.size, found.preparation.shorter_side) == (8, 9)
    picture = found.preparation(Image.new("RGB", (30, 20), "blue"))
    (labels,) = found.classify([picture], top=3)
    assert labels[0][0] == "blue"
    assert sum(chance for _, chance in labels) == pytest.approx(1)


def test_the_file_beside_it_says_what_is_not_usual(tmp_path: Path) -> None:
    path = color_network(tmp_path / "colors.onnx")
    about = {"labels": ["b", "g", "r"], "bgr": True, "mean": [0, 0, 0], "size": 8, "scale": 1}
    path.with_name("colors.onnx.json").write_text(json.dumps(about))
    found = open_classifier(str(path), device="cpu")
    assert (found.labels, found.preparation.bgr) == (("b", "g", "r"), True)
    (labels,) = found.classify([found.preparation(Image.new("RGB", (8, 8), "red"))], top=1)
    assert labels[0][0] == "r"


def test_a_saved_model_of_tensorflow_has_its_channels_last(tmp_path: Path) -> None:
    path = color_model(tmp_path / "colors")
    (tmp_path / "colors.json").write_text('{"labels": ["red", "green", "blue"]}')
    found = open_classifier(str(path), device="cpu")
    assert (found.preparation.channels_last, found.preparation.size) == (True, 8)
    pictures = [found.preparation(Image.new("RGB", (9, 9), color)) for color in ("green", "red")]
    labels = [best for ((best, _), *_) in found.classify(pictures, top=1)]
    assert labels == ["green", "red"]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("colors.onnx.json", "{", "colors.onnx.json is no JSON"),
        ("colors.onnx.json", '{"sizes": 3}', "colors.onnx.json: there is no sizes"),
        ("colors.onnx.json", '{"size": "large"}', "colors.onnx cannot be read as a model"),
        ("colors.onnx", "none", "colors.onnx cannot be read as a model"),
    ],
)
def test_what_cannot_be_read_is_named(name: str, text: str, says: str, tmp_path: Path) -> None:
    path = color_network(tmp_path / "colors.onnx")
    (tmp_path / name).write_text(text)
    with pytest.raises(NoClassifier, match=says):
        open_classifier(str(path), device="cpu")


@pytest.mark.shared
@pytest.mark.skipif(not SQUEEZENET.is_file(), reason="there is no ../shared")
def test_squeezenet_is_right_within_five_on_nearly_all_labeled_pictures(tmp_path: Path) -> None:
    module = models.squeezenet1_0(weights=None)
    stored = {name: tensor.float() for name, tensor in load_file(SQUEEZENET).items()}
    ours = [name for name, _ in module.named_parameters()]
    theirs = sorted(stored, key=_place)
    state = dict(zip(ours, (stored[name] for name in theirs), strict=True))
    module.load_state_dict(state)
    example = torch.zeros(1, 3, 227, 227)
    openvino.save_model(converted(module, example), tmp_path / "model.xml")
    about = {
        "size": 227,
        "shorter_side": 256,
        "mean": [104, 117, 123],
        "spread": [1, 1, 1],
        "scale": 1,
        "bgr": True,
    }
    (tmp_path / "model.xml.json").write_text(json.dumps(about))
    right, count = right_within_five(open_classifier(str(tmp_path / "model.xml"), device="cpu"))
    assert count == 15
    assert right >= 14


def _place(name: str) -> tuple[str, int, int]:
    """As torchvision orders what Caffe names: by layer, and weights before the bias."""
    layer, *inner, kind = name.split(".")
    part = ("squeeze1x1", "expand1x1", "expand3x3").index(inner[0]) if inner else 0
    return {"conv1": "a", "conv_final": "z"}.get(layer, layer), part, kind == "bias"


def test_arrays_of_the_wrong_shape_are_named(tmp_path: Path) -> None:
    module = torch.nn.Linear(4, 2)
    openvino.save_model(converted(module, torch.zeros(1, 4)), tmp_path / "flat.xml")
    with pytest.raises(NoClassifier, match=r"flat.xml takes no picture: its input has 2 axes"):
        open_classifier(str(tmp_path / "flat.xml"), device="cpu")
