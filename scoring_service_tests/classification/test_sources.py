"""Where classifiers come from."""

from pathlib import Path

import numpy as np
import pytest

from scoring_service.classification.classifier import Array, Classifier, Preparation
from scoring_service.classification.sources import NoClassifier, checked, open_classifier


@pytest.mark.parametrize("prefix", ["", "file:"])
def test_a_path_is_a_file_s(network: Path, prefix: str) -> None:
    found = open_classifier(f"{prefix}{network}", device="cpu")
    assert found.labels == ("red", "green", "blue")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("torchvision:resnet9000", "torchvision has no classifier 'resnet9000'"),
        ("efficientnet-lite:9", "there is no efficientnet-lite:9: take 0 or 2"),
        ("tensorhub:resnet", "tensorhub:resnet does not exist"),
    ],
)
def test_what_there_is_not_is_said(source: str, says: str) -> None:
    with pytest.raises(NoClassifier) as error:
        open_classifier(source, device="cpu")
    assert str(error.value) == says


@pytest.mark.parametrize(
    ("scores", "says"),
    [([[1, 2, 3]], "gives 3 scores, and has 2 labels"), ([[1, np.nan]], "gives what is no number")],
)
def test_a_classifier_that_cannot_work_is_not_taken(scores: list[list[float]], says: str) -> None:
    def network(batch: Array) -> Array:
        return np.array(scores, np.float32)

    wrong = Classifier(network=network, preparation=Preparation(), labels=("a", "b"))
    with pytest.raises(NoClassifier, match=says):
        checked(wrong, "it")
