"""A matcher is fitted: a linear classifier of questions, calibrated on what it has not seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from scipy.special import logsumexp
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.svm import LinearSVC

from faq_pipeline.matching.matcher import Entry, Matcher, scope_numbers
from faq_pipeline.matching.terms import Array, Terms

FOLDS: Final = 5
COST: Final = 1.0
"""Of an error, against the length of the weights (the C of the SVM)."""
TOLERANCE: Final = 0.02
"""At which the solver stops; looser than the 0.0001 of scikit-learn, for time."""


@dataclass(frozen=True)
class Fitted:
    """A matcher, and how well it tells questions that no entry answers."""

    matcher: Matcher
    scope_auroc: float
    """Of questions of entries that were left out, against questions that were."""


@dataclass(frozen=True)
class _Unseen:
    """What classifiers say of questions that they did not learn from."""

    inside: list[tuple[Array, npt.NDArray[np.int64]]]
    """Scores, and the column that is right."""
    numbers: list[npt.NDArray[np.float64]]
    """Of questions whose entry was learned."""
    outside: list[npt.NDArray[np.float64]]
    """Of questions whose entry was not."""


def fit(entries: Sequence[Entry], questions: Mapping[str, Sequence[str]]) -> Fitted:
    """A matcher of `entries`, from the questions of each, by its id.

    The same questions give the same matcher. Needed are three entries or more, and some with
    several questions: what is calibrated is calibrated on questions, and on entries, that are left
    out.
    """
    texts = [text for entry in entries for text in questions[entry.id]]
    labels = np.repeat(np.arange(len(entries)), [len(questions[entry.id]) for entry in entries])
    unseen = _cross_validate(texts, labels, len(entries))
    terms = Terms.of(texts)
    rows, _ = terms.rows(texts)
    weights, bias = _classifier(rows, labels)
    inside, outside = np.concatenate(unseen.numbers), np.concatenate(unseen.outside)
    numbers = np.concatenate([inside, outside])
    truth = np.repeat([1, 0], [len(inside), len(outside)])
    scope = LogisticRegression(class_weight="balanced").fit(numbers, truth)
    matcher = Matcher(
        entries=tuple(entries),
        terms=terms,
        weights=weights,
        bias=bias,
        sharpness=_sharpness(unseen),
        scope=np.append(scope.coef_[0], scope.intercept_),
    )
    return Fitted(matcher, float(roc_auc_score(truth, scope.decision_function(numbers))))


def _classifier(rows: csr_matrix, labels: npt.NDArray[np.int64]) -> tuple[Array, Array]:
    """A linear SVM for each label, one against the rest: weights (terms, labels), and a bias."""
    svm = LinearSVC(C=COST, tol=TOLERANCE, random_state=0).fit(rows, labels)
    return np.ascontiguousarray(svm.coef_.T, np.float32), svm.intercept_.astype(np.float32)


def _cross_validate(texts: Sequence[str], labels: npt.NDArray[np.int64], count: int) -> _Unseen:
    """Leaves out in turn a fifth of the questions of each entry, and a fifth of the entries."""
    first = np.searchsorted(labels, np.arange(count))
    fold_of_question = (np.arange(len(labels)) - first[labels]) % FOLDS
    fold_of_entry = np.random.default_rng(0).permutation(count)[labels] % FOLDS
    found = _Unseen([], [], [])
    for fold in range(FOLDS):
        learned = (fold_of_question != fold) & (fold_of_entry != fold)
        names = np.unique(labels[learned])
        if len(names) < 3:
            continue
        asked = np.flatnonzero(fold_of_question == fold)
        known = np.isin(labels[asked], names)
        terms = Terms.of([texts[place] for place in np.flatnonzero(learned).tolist()])
        rows, _ = terms.rows([texts[place] for place in np.flatnonzero(learned).tolist()])
        weights, bias = _classifier(rows, labels[learned])
        held, unknown = terms.rows([texts[place] for place in asked.tolist()])
        scores = held @ weights + bias
        numbers = scope_numbers(scores, unknown)
        found.inside.append((scores[known], np.searchsorted(names, labels[asked][known])))
        found.numbers.append(numbers[known])
        found.outside.append(numbers[~known])
    return found


def _sharpness(unseen: _Unseen) -> float:
    """The one under which what is right is least surprising."""

    def surprise(exponent: float) -> float:
        return sum(
            float((logsumexp(raised, axis=1) - raised[np.arange(len(right)), right]).sum())
            for scores, right in unseen.inside
            for raised in [np.exp(exponent) * scores.astype(np.float64)]
        )

    return float(np.exp(minimize_scalar(surprise, bounds=(-2, 5), method="bounded").x))
