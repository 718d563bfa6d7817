"""Where models and reports lie."""

from pathlib import Path

import pytest

from faq_pipeline.evaluation import Report
from faq_pipeline.library import NotMade, candidates, current, keep_report, published, report_on
from pipeline_kit.storage.store import Store


def test_what_was_fitted_is_not_published_by_itself(tmp_path: Path) -> None:
    ops = Store(url=(tmp_path / "ops").as_uri())
    (tmp_path / "model").write_bytes(b"arrays")
    digest = candidates(ops).publish("bank.csv", tmp_path / "model")
    assert current(candidates(ops), "bank.csv") == digest
    with pytest.raises(NotMade, match=r"faq_models has no bank.csv: materialize all from faq on"):
        current(published(ops), "bank.csv")


def test_a_report_is_kept_by_the_model_s_digest(tmp_path: Path) -> None:
    ops = Store(url=tmp_path.as_uri())
    report = Report(
        questions=9,
        accuracy=(0.5, 0.6, 0.7),
        published_accuracy=None,
        miscalibration=0.1,
        auroc=0.9,
        same_after_reload=True,
    )
    assert report_on(ops, "abc") is None
    keep_report(ops, "abc", report)
    assert report_on(ops, "abc") == report
