"""A model's file or folder: ONNX, TensorFlow SavedModel, or OpenVINO's own.

What it sees and what it calls it, where that is not ImageNet's usual, is said by a JSON file of the
same name beside it: `model.onnx.json` with fields of `Preparation`, `labels` and `probabilities`.
"""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

from PIL import Image

from scoring_service.classification.classifier import Classifier, Preparation
from scoring_service.classification.networks import OpenVino, read
from scoring_service.classification.sources import NoClassifier
from scoring_service.classification.torchvision_models import imagenet_labels

_OF_PREPARATION = {field.name for field in fields(Preparation)}


def open_source(rest: str, *, device: str) -> Classifier:
    """Computed on the CPU, whatever the device. Raises `NoClassifier`."""
    path = Path(rest)
    if not path.exists():
        raise NoClassifier(f"{path} does not exist")
    about = _about(path.with_name(path.name + ".json"))
    try:
        model = read(path)
        shape = list(model.input(0).partial_shape)
        channels_last = len(shape) == 4 and shape[3].is_static and shape[3].get_length() == 3
        if len(shape) != 4:
            raise NoClassifier(f"{path.name} takes no picture: its input has {len(shape)} axes")
        side = shape[1 if channels_last else 2]
        found: dict[str, Any] = {"channels_last": channels_last}
        if side.is_static:
            found |= {"size": side.get_length(), "shorter_side": round(side.get_length() * 8 / 7)}
        found |= {name: value for name, value in about.items() if name in _OF_PREPARATION}
        for name in ("mean", "spread"):
            if name in found:
                found[name] = tuple(found[name])
        network = OpenVino(model)
        preparation = Preparation(**found)
        preparation(Image.new("RGB", (64, 48)))
        labels = tuple(about.get("labels", ())) or imagenet_labels()
    except (RuntimeError, TypeError, ValueError) as error:
        reason = str(error).splitlines()[0][:200]
        raise NoClassifier(f"{path.name} cannot be read as a model: {reason}") from None
    return Classifier(
        network=network,
        preparation=preparation,
        labels=labels,
        probabilities=bool(about.get("probabilities", False)),
    )


def _about(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
    except ValueError as error:
        raise NoClassifier(f"{path.name} is no JSON: {error}") from None
    if unknown := set(found) - _OF_PREPARATION - {"labels", "probabilities"}:
        raise NoClassifier(f"{path.name}: there is no {', '.join(sorted(unknown))}")
    return found
