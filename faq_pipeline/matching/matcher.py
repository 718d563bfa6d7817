"""Which of the FAQs a question asks, and how probable that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from faq_pipeline.matching.terms import Array, Terms

SCOPE: Final = 3
"""Numbers of an answer that say how likely it is that the FAQ has one at all."""


@dataclass(frozen=True)
class Entry:
    """What is answered with."""

    id: str
    question: str
    answer: str


@dataclass(frozen=True)
class Match:
    """An entry, and the probability that it is what was asked, if any is."""

    entry: Entry
    probability: float


@dataclass(frozen=True)
class Answer:
    """The matches of a question, the best first."""

    matches: tuple[Match, ...]
    in_scope: float
    """From 0 to 1: how likely it is that any entry is what was asked. A half is as likely as not
    where half of the questions are about something else."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Matcher:
    """A linear score for each entry, softened to a probability."""

    entries: tuple[Entry, ...]
    terms: Terms
    weights: Array
    """float32 (terms, entries)."""
    bias: Array
    """float32 (entries,)."""
    sharpness: float
    """What scores are multiplied by before the softmax."""
    scope: npt.NDArray[np.float64]
    """A weight for each of `scope_numbers`, and a constant last."""

    def scores(self, questions: Sequence[str]) -> tuple[Array, Array]:
        """float32 (questions, entries), and for each question the share of words not known."""
        rows, unknown = self.terms.rows(questions)
        return rows @ self.weights + self.bias, unknown

    def answer(self, questions: Sequence[str], *, top: int = 3) -> list[Answer]:
        """The `top` matches of each question, all of them for 0.

        What a question is asked together with changes nothing about its answer.
        """
        scores, unknown = self.scores(questions)
        chances = probabilities(scores, self.sharpness)
        inside = in_scope(scope_numbers(scores, unknown), self.scope)
        count = top or len(self.entries)
        if count < len(self.entries):
            best = np.argpartition(-scores, count - 1, axis=1)[:, :count]
            order = np.argsort(-np.take_along_axis(scores, best, 1), axis=1, kind="stable")
            best = np.take_along_axis(best, order, 1)
        else:
            best = np.argsort(-scores, axis=1, kind="stable")
        found = np.take_along_axis(chances, best, 1)
        return [
            Answer(tuple(Match(self.entries[i], p) for i, p in zip(*each, strict=True)), within)
            for *each, within in zip(best.tolist(), found.tolist(), inside.tolist(), strict=True)
        ]


def probabilities(scores: Array, sharpness: float) -> npt.NDArray[np.float64]:
    """A softmax: (questions, entries) whose rows add up to 1."""
    raised = np.exp(sharpness * (scores - scores.max(axis=1, keepdims=True)), dtype=np.float64)
    normal: npt.NDArray[np.float64] = raised / raised.sum(axis=1, keepdims=True)
    return normal


def scope_numbers(scores: Array, unknown: Array) -> npt.NDArray[np.float64]:
    """(questions, `SCOPE`): the best score, its distance to the next, the share of words not
    known."""
    best = np.partition(scores, -2, axis=1)[:, -2:].astype(np.float64)
    return np.column_stack([best[:, 1], best[:, 1] - best[:, 0], unknown])


def in_scope(
    numbers: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """The logistic function of a weighted sum."""
    inside: npt.NDArray[np.float64] = expit((numbers * weights[:-1]).sum(axis=1) + weights[-1])
    return inside
