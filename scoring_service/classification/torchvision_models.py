"""Any classifier of torchvision by its name: `resnet152`, or `resnet152=/models/weights.pth`."""

from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from scoring_service.classification.classifier import Classifier, Preparation
from scoring_service.classification.networks import of_module
from scoring_service.classification.sources import NoClassifier


def open_source(rest: str, *, device: str) -> Classifier:
    """Weights are torchvision's default, which it downloads once, or those of a local state dict,
    of which tensors alone are read. Raises `NoClassifier`."""
    import torch
    from torchvision import models
    from torchvision.transforms.functional import InterpolationMode

    name, _, file = rest.partition("=")
    if name not in models.list_models(module=models):
        raise NoClassifier(f"torchvision has no classifier {name!r}")
    weights: Any = models.get_model_weights(name).DEFAULT
    try:
        if file:
            module = models.get_model(name, weights=None)
            state = torch.load(Path(file), map_location="cpu", weights_only=True)
            module.load_state_dict(state)
        else:
            module = models.get_model(name, weights=weights)
    except (OSError, RuntimeError, ValueError, EOFError, UnpicklingError) as error:
        reason = (str(error).splitlines() or [""])[0]
        raise NoClassifier(f"the weights of {name} cannot be had: {reason}") from None
    seen = weights.transforms()
    preparation = Preparation(
        size=seen.crop_size[0],
        shorter_side=seen.resize_size[0],
        mean=tuple(seen.mean),
        spread=tuple(seen.std),
        bicubic=seen.interpolation is InterpolationMode.BICUBIC,
    )
    return Classifier(
        network=of_module(module, size=preparation.size, device=device),
        preparation=preparation,
        labels=tuple(weights.meta["categories"]),
    )


def imagenet_labels() -> tuple[str, ...]:
    """The names of the 1,000 kinds of things of ImageNet, in their usual order."""
    from torchvision.models import ResNet50_Weights

    return tuple(ResNet50_Weights.DEFAULT.meta["categories"])
