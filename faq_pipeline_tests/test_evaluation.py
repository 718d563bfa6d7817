"""Whether a model is good enough to answer."""

from dataclasses import replace

import numpy as np
import pytest

from faq_pipeline.evaluation import (
    CHECKS,
    Report,
    accuracy,
    failures,
    interval,
    miscalibration,
    ranks,
)
from faq_pipeline.matching.fit import Fitted
from faq_pipeline_tests.questions import faqs

GOOD = Report(
    questions=100,
    accuracy=(0.8, 0.85, 0.9),
    published_accuracy=0.9,
    miscalibration=0.02,
    auroc=0.93,
    same_after_reload=True,
)
ASKED = [(text, each.id) for each in faqs() for text in each.texts]


def wrong(report: Report) -> dict[str, str]:
    return failures(report, least_accuracy=0.8, least_auroc=0.8)


def test_a_model_as_good_as_the_published_one_may_be_published() -> None:
    assert wrong(GOOD) == {}
    assert wrong(replace(GOOD, published_accuracy=None)) == {}


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"accuracy": (0.5, 0.6, 0.79), "published_accuracy": None}, "accurate"),
        ({"questions": 0, "published_accuracy": None}, "accurate"),
        ({"published_accuracy": 0.91}, "not_worse"),
        ({"miscalibration": 0.11}, "calibrated"),
        ({"auroc": 0.79}, "tells_what_it_cannot_answer"),
        ({"same_after_reload": False}, "same_after_reload"),
    ],
)
def test_each_check_says_why_a_model_is_not_published(
    change: dict[str, object], check: str
) -> None:
    assert list(wrong(replace(GOOD, **change))) == [check]  # type: ignore[arg-type]
    assert set(CHECKS) >= {check}


def test_a_report_is_what_it_was_once_it_is_read_again() -> None:
    failed = replace(GOOD, failed=("it is late",))
    assert Report.parse(failed.dump()) == failed


def test_ranks_count_from_the_best_and_know_no_stranger(fitted: Fitted) -> None:
    found = ranks(fitted.matcher, [*ASKED, ("What is that?", "not-an-entry")])
    assert found[-1] == -1
    assert accuracy(found[:-1], 1) > 0.97
    assert accuracy(np.array([0, 2, 3, -1]), 3) == 0.5
    assert accuracy(ranks(fitted.matcher, []), 3) == 0.0


def test_the_interval_is_wilson_s() -> None:
    assert interval(0.9, 100) == pytest.approx((0.8256, 0.9448), abs=1e-4)
    assert interval(1.0, 20)[1] == pytest.approx(1.0)


def test_probabilities_that_promise_too_much_or_too_little_are_found(fitted: Fitted) -> None:
    calm = miscalibration(fitted.matcher, ASKED)
    flat = miscalibration(replace(fitted.matcher, sharpness=0.1), ASKED)
    others = [(text, faqs()[0].id) for text, _ in ASKED]
    assert calm < 0.1 < flat
    assert miscalibration(fitted.matcher, others) > 0.5
    assert miscalibration(fitted.matcher, []) == 1.0
