"""How good a matcher is on questions that it has not seen, and whether that is good enough."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from math import sqrt
from typing import Final

import numpy as np
import numpy.typing as npt

from faq_pipeline.matching.matcher import Matcher, probabilities

MOST_MISCALIBRATED: Final = 0.1
"""Between probabilities and shares that are right, on average and beyond what chance explains."""
TOP: Final = (1, 2, 3)
BINS: Final = 10
_Z: Final = 1.96


@dataclass(frozen=True, kw_only=True)
class Report:
    """Of one model on the questions that were held back."""

    questions: int
    accuracy: tuple[float, ...]
    """Share of questions whose entry is among the best one, two, three."""
    published_accuracy: float | None
    """The last of those, of the model that is published; None where none is."""
    miscalibration: float
    auroc: float
    same_after_reload: bool
    failed: tuple[str, ...] = field(default=())
    """Why it is not to be published; nothing where it may be."""

    def dump(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def parse(cls, data: bytes) -> "Report":
        found = json.loads(data)
        found["accuracy"], found["failed"] = tuple(found["accuracy"]), tuple(found["failed"])
        return cls(**found)


def ranks(matcher: Matcher, held_back: Sequence[tuple[str, str]]) -> npt.NDArray[np.int64]:
    """The place of each question's entry among the matches, from 0; -1 where it is not known."""
    if not held_back:
        return np.zeros(0, np.int64)
    scores, _ = matcher.scores([text for text, _ in held_back])
    column = {entry.id: place for place, entry in enumerate(matcher.entries)}
    right = np.array([column.get(name, -1) for _, name in held_back])
    own = scores[np.arange(len(right)), right]
    return np.where(right < 0, -1, (scores > own[:, None]).sum(axis=1))


def accuracy(found: npt.NDArray[np.int64], top: int) -> float:
    """The share of ranks that are among the best `top`; 0 of none."""
    return float(((found >= 0) & (found < top)).mean()) if len(found) else 0.0


def interval(share: float, count: int) -> tuple[float, float]:
    """Wilson's interval of 95% for a share of so many."""
    middle = share + _Z**2 / (2 * count)
    reach = _Z * sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    return (middle - reach) / (1 + _Z**2 / count), (middle + reach) / (1 + _Z**2 / count)


def miscalibration(matcher: Matcher, held_back: Sequence[tuple[str, str]]) -> float:
    """How far the best match's probability is from the share that is right, on average over
    `BINS` bins of as many questions each, less what chance alone would make of that."""
    if not held_back:
        return 1.0
    scores, _ = matcher.scores([text for text, _ in held_back])
    chance = probabilities(scores, matcher.sharpness).max(axis=1)
    right = ranks(matcher, held_back) == 0
    total = 0.0
    for part in np.array_split(np.argsort(chance, kind="stable"), min(BINS, len(chance))):
        expected = float(chance[part].mean())
        by_chance = sqrt(2 / np.pi * expected * (1 - expected) / len(part))
        gap = abs(expected - float(right[part].mean()))
        total += max(0.0, gap - by_chance) * len(part)
    return total / len(chance)


def failures(report: Report, *, least_accuracy: float, least_auroc: float) -> dict[str, str]:
    """A line for each check that a model does not pass, by the check's name."""
    found = {}
    best_of_three = report.accuracy[-1]
    if not report.questions:
        found["accurate"] = "no question was held back: add other ways to ask"
    elif best_of_three < least_accuracy:
        found["accurate"] = f"accuracy@3 is {best_of_three:.1%}, below {least_accuracy:.1%}"
    if report.published_accuracy is not None and best_of_three < report.published_accuracy:
        before = report.published_accuracy
        found["not_worse"] = f"accuracy@3 is {best_of_three:.1%}, {before:.1%} of what is published"
    if report.miscalibration > MOST_MISCALIBRATED:
        found["calibrated"] = f"probabilities are off by {report.miscalibration:.1%}"
    if report.auroc < least_auroc:
        found["tells_what_it_cannot_answer"] = f"AUROC is {report.auroc:.3f}, below {least_auroc}"
    if not report.same_after_reload:
        found["same_after_reload"] = "answers of the file differ from those of the fitted model"
    return found


CHECKS: Final = {
    "accurate": "The entry of enough held-back questions is among the best three.",
    "not_worse": "No fewer of them than with the model that is published.",
    "calibrated": "Probabilities agree with the shares that are right.",
    "tells_what_it_cannot_answer": "Questions of entries that were left out are told apart.",
    "same_after_reload": "The file gives the answers that the fitted model gave.",
}
