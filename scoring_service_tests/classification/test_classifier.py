"""What a picture becomes before a network sees it, and what is made of its scores."""

import numpy as np
import pytest
from PIL import Image

from scoring_service.classification.classifier import Array, Classifier, Preparation

RED = Image.new("RGB", (60, 40), (255, 0, 0))


def test_the_middle_of_a_picture_is_seen_scaled() -> None:
    halves = Image.new("RGB", (400, 100), (255, 0, 0))
    halves.paste((0, 0, 255), (200, 0, 400, 100))
    seen = Preparation(size=8, shorter_side=10, mean=(0, 0, 0), spread=(1, 1, 1))(halves)
    assert seen.shape == (3, 8, 8)
    assert seen.dtype == np.float32
    assert seen[0, :, 0].tolist() == [1.0] * 8
    assert seen[2, :, -1].tolist() == [1.0] * 8


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (7, 5)])
def test_pictures_of_any_shape_fill_what_is_seen(size: tuple[int, int]) -> None:
    assert Preparation(size=8, shorter_side=10)(Image.new("RGB", size)).shape == (3, 8, 8)


def test_channels_come_as_the_network_wants_them() -> None:
    plain = Preparation(size=4, shorter_side=4, mean=(0, 0, 0), spread=(1, 1, 1), scale=1)
    assert plain(RED)[:, 0, 0].tolist() == [255, 0, 0]
    caffe = Preparation(
        size=4,
        shorter_side=4,
        mean=(104, 117, 123),
        spread=(1, 1, 1),
        scale=1,
        bgr=True,
        channels_last=True,
    )
    assert caffe(RED)[0, 0].tolist() == [-104, -117, 255 - 123]


@pytest.mark.parametrize("probabilities", [False, True])
def test_labels_come_with_probabilities_the_best_first(probabilities: bool) -> None:
    rows = np.array([[0.1, 0.7, 0.2], [0.5, 0.2, 0.3]], np.float32)

    def network(batch: Array) -> Array:
        return rows if probabilities else np.log(rows) + 1000

    classifier = Classifier(
        network=network,
        preparation=Preparation(),
        labels=("a", "b", "c"),
        probabilities=probabilities,
    )
    first, second = classifier.classify([rows[0], rows[1]], top=2)
    assert [label for label, _ in first] == ["b", "c"]
    assert [chance for _, chance in second] == pytest.approx([0.5, 0.3], abs=1e-4)
