"""Classifiers of torchvision by name."""

from pathlib import Path

import pytest
import torch
from PIL import Image
from torchvision import models

from scoring_service.classification.sources import NoClassifier, open_classifier
from scoring_service.classification.torchvision_models import imagenet_labels


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a network that has learned nothing but one label."""
    torch.manual_seed(0)
    module = models.squeezenet1_1(weights=None)
    with torch.no_grad():
        module.classifier[1].bias[7] = 50
    path = tmp_path_factory.mktemp("weights") / "squeezenet.pth"
    torch.save(module.state_dict(), path)
    return path


def test_a_network_with_local_weights_says_its_labels(weights: Path) -> None:
    found = open_classifier(f"torchvision:squeezenet1_1={weights}", device="cpu")
    assert found.labels == imagenet_labels()
    assert len(found.labels) == 1000
    assert (found.preparation.size, found.preparation.shorter_side) == (224, 256)
    ((best, *_),) = found.classify([found.preparation(Image.new("RGB", (9, 9)))], top=5)
    label, probability = best
    assert label == imagenet_labels()[7]
    assert probability == pytest.approx(1, abs=1e-3)


def test_the_reference_s_network_is_one_of_them() -> None:
    assert "resnet152" in models.list_models(module=models)


class Harmful:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("this must never be printed",)


def test_weights_that_are_others_or_a_pickle_are_refused(
    weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.save({"a": Harmful()}, tmp_path / "pickle.pth")
    for name, path in (
        ("resnet18", weights),
        ("squeezenet1_1", tmp_path / "pickle.pth"),
        ("squeezenet1_1", tmp_path / "missing.pth"),
    ):
        with pytest.raises(NoClassifier, match=f"the weights of {name} cannot be had"):
            open_classifier(f"torchvision:{name}={path}", device="cpu")
    assert "never" not in capsys.readouterr().out
