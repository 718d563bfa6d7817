"""The labeled pictures of ../shared, and how many of them a classifier gets right."""

import csv
from pathlib import Path

from PIL import Image

from scoring_service.classification.classifier import Classifier
from scoring_service.classification.torchvision_models import imagenet_labels

SHARED = Path(__file__).parents[3] / "shared"
LABELED = SHARED / "images/imagenet-labelled"


def right_within_five(classifier: Classifier) -> tuple[int, int]:
    """How many, of how many."""
    labels = imagenet_labels()
    with (LABELED / "labels.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    right = 0
    for row in rows:
        folder = LABELED if row["where"] == "here" else SHARED.parent / row["where"]
        with Image.open(folder / row["file"]) as image:
            prepared = classifier.preparation(image.convert("RGB"))
        (found,) = classifier.classify([prepared], top=5)
        wanted = {labels[int(place)] for place in row["imagenet_ids"].split("|")}
        right += bool(wanted & {label for label, _ in found})
    return right, len(rows)
