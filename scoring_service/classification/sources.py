"""Where classifiers come from, by what their setting says.

Another kind of model is another module here with a function from a source to a `Classifier`, and a
line in `KINDS`.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Final

import numpy as np
from PIL import Image

from pipeline_kit.errors import PermanentError
from scoring_service.classification.classifier import Classifier

KINDS: Final = {
    "torchvision": "torchvision_models",
    "efficientnet-lite": "efficientnet_lite",
    "file": "files",
}
"""What comes before the colon, and the module whose `open_source` takes what comes after it."""


class NoClassifier(PermanentError):
    """A source names no classifier that can be had."""


def open_classifier(source: str, *, device: str) -> Classifier:
    """The classifier of a source such as `torchvision:resnet152`; a path alone is a file's.

    Only the module of its kind is imported. Raises `NoClassifier`.
    """
    kind, colon, rest = source.partition(":")
    if not colon or kind not in KINDS:
        kind, rest = "file", source
    module = import_module(f"scoring_service.classification.{KINDS[kind]}")
    opened: Callable[..., Classifier] = module.open_source
    return checked(opened(rest, device=device), source)


def checked(classifier: Classifier, source: str) -> Classifier:
    """The same, once it has classified a gray picture. Raises `NoClassifier`."""
    gray = Image.new("RGB", (64, 48), (127, 127, 127))
    scores = classifier.network(classifier.preparation(gray)[None])
    if scores.shape != (1, len(classifier.labels)):
        count = len(classifier.labels)
        raise NoClassifier(f"{source} gives {scores.shape[1]} scores, and has {count} labels")
    if not np.isfinite(scores).all():
        raise NoClassifier(f"{source} gives what is no number")
    return classifier
