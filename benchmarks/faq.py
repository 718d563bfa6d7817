"""``python -m benchmarks.faq PATH``: the FAQ matcher on BANKING77 and CLINC150.

PATH has `banking77/train.csv` and `test.csv` (Casanueva et al. 2020: 77 kinds of customers'
questions) and `clinc150/data_full.json` (Larson et al. 2019: 150 intents, and questions out of
scope). The matcher is fitted to the training parts as the pipeline does it, and asked the test
parts once. Nothing is chosen by what comes out: the recipe was found by cross-validation of the
training parts alone, and CLINC150's own examples of questions out of scope are not learned from.
"""

import argparse
import csv
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from faq_pipeline.evaluation import accuracy, interval, miscalibration, ranks
from faq_pipeline.matching.fit import Fitted, fit
from faq_pipeline.matching.matcher import Entry

Asked = list[tuple[str, str]]
"""Questions, each with the kind that is right."""


def banking77(path: Path) -> tuple[Asked, Asked]:
    """What is learned from, and what is asked."""
    parts: list[Asked] = []
    for name in ("train", "test"):
        with (path / "banking77" / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            parts.append([(row["text"], row["category"]) for row in csv.DictReader(file)])
    return parts[0], parts[1]


def clinc150(path: Path) -> tuple[Asked, Asked, list[str]]:
    """What is learned from, what is asked, and questions out of scope."""
    data = json.loads((path / "clinc150/data_full.json").read_text(encoding="utf-8"))
    parts = [[(text, kind) for text, kind in data[name]] for name in ("train", "test")]
    return parts[0], parts[1], [text for text, _ in data["oos_test"]]


def fitted_to(asked: Asked) -> Fitted:
    """The kinds are the entries."""
    questions: dict[str, list[str]] = {}
    for text, kind in asked:
        questions.setdefault(kind, []).append(text)
    entries = [Entry(kind, questions[kind][0], kind) for kind in sorted(questions)]
    return fit(entries, questions)


def auroc_interval(inside: Sequence[float], outside: Sequence[float]) -> tuple[float, float, float]:
    """Area under the ROC curve, and an interval of 95% by 1,000 bootstrap samples."""
    draw = np.random.default_rng(0)
    groups = np.array(inside), np.array(outside)

    def area(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
        truth = np.repeat([1, 0], [len(one), len(other)])
        return float(roc_auc_score(truth, np.concatenate([one, other])))

    samples = [area(*(draw.choice(group, len(group)) for group in groups)) for _ in range(1000)]
    low, high = np.percentile(samples, [2.5, 97.5])
    return area(*groups), float(low), float(high)


def table(
    name: str, learned: Asked, asked: Asked, outside: Sequence[str] = ()
) -> Mapping[str, str]:
    """A row for each measure."""
    started = time.monotonic()
    fitted = fitted_to(learned)
    seconds = time.monotonic() - started
    found = ranks(fitted.matcher, asked)
    rows = {"seconds to fit": f"{seconds:.0f}"}
    for top in (1, 3):
        share = accuracy(found, top)
        low, high = interval(share, len(asked))
        rows[f"accuracy@{top}, %"] = f"{100 * share:.2f} ({100 * low:.2f} to {100 * high:.2f})"
    rows["miscalibration, %"] = f"{100 * miscalibration(fitted.matcher, asked):.2f}"
    rows["AUROC by entries left out"] = f"{fitted.scope_auroc:.4f}"
    if outside:
        scopes = [
            [each.in_scope for each in fitted.matcher.answer(texts)]
            for texts in ([text for text, _ in asked], outside)
        ]
        area, low, high = auroc_interval(*scopes)
        rows["AUROC of questions out of scope"] = f"{area:.4f} ({low:.4f} to {high:.4f})"
    for count in (1, 32):
        texts = [text for text, _ in asked]
        batches = [texts[start : start + count] for start in range(0, len(texts), count)]
        began = time.perf_counter()
        for batch in batches:
            fitted.matcher.answer(batch)
        each = (time.perf_counter() - began) / len(texts)
        rows[f"ms a question, {count} at a time"] = f"{1e3 * each:.3f}"
    return {f"{name}: {what}": value for what, value in rows.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description="The FAQ matcher on BANKING77 and CLINC150.")
    parser.add_argument("path", type=Path)
    options = parser.parse_args()
    for rows in (
        table("BANKING77", *banking77(options.path)),
        table("CLINC150", *clinc150(options.path)),
    ):
        for what, value in rows.items():
            print(f"{what:44} {value}", flush=True)


if __name__ == "__main__":
    main()
