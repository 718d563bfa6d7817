"""Models that are published while the service runs."""

from dataclasses import replace
from pathlib import Path

import pytest

from faq_pipeline.library import published
from faq_pipeline.matching.matcher import Matcher
from faq_pipeline_tests.questions import fitted_to_faqs
from pipeline_kit.storage.store import Store
from scoring_service.errors import Refused
from scoring_service.faq import load_tested
from scoring_service.published import Published
from scoring_service_tests.serving import FAQ, publish


@pytest.fixture
def ops(tmp_path: Path) -> Store:
    return Store(url=(tmp_path / "ops").as_uri())


def other_matcher() -> Matcher:
    return replace(fitted_to_faqs().matcher, sharpness=1.0)


def test_what_is_published_takes_over_and_what_was_before_can_again(
    ops: Store, tmp_path: Path
) -> None:
    model = Published(published(ops), FAQ, load_tested)
    assert not model.poll()
    with pytest.raises(Refused, match=r"bank.csv is not loaded yet"):
        _ = model.model
    first = publish(ops, tmp_path)
    assert model.poll()
    assert not model.poll(), "it is there already"
    assert model.digest == first
    second = publish(ops, tmp_path, other_matcher())
    assert model.poll()
    assert (model.digest, model.model.sharpness) == (second, 1.0)
    publish(ops, tmp_path)
    assert model.poll()
    assert model.digest == first


@pytest.mark.parametrize(
    "damage",
    ["damaged", "no model", "another file's answers", "no file's answers", "no answers at all"],
)
def test_what_cannot_be_loaded_leaves_the_one_before(
    ops: Store, tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    first = publish(ops, tmp_path)
    model = Published(published(ops), FAQ, load_tested)
    model.poll()
    if damage == "damaged":
        second = publish(ops, tmp_path, other_matcher())
        ops.write(published(ops).place(FAQ, second), b"else")
    elif damage == "no model":
        (tmp_path / "text").write_text("none")
        published(ops).publish(FAQ, tmp_path / "text")
    elif damage == "no answers at all":
        publish(ops, tmp_path, other_matcher(), probes=[])
    else:
        publish(ops, tmp_path, other_matcher())
        data = (tmp_path / "matcher").read_bytes()
        if damage == "no file's answers":
            data = data.replace(b"probes", b"proves")
        # Probabilities that it remembers are others than it gives.
        (tmp_path / "wrong").write_bytes(data.replace(b"[0.", b"[9."))
        published(ops).publish(FAQ, tmp_path / "wrong")
    assert not model.poll()
    assert (model.digest, model.is_loaded) == (first, True)
    lines = len(caplog.records)
    assert lines == 1
    assert not model.poll()
    assert len(caplog.records) == lines, "it is not tried again"
    third = publish(ops, tmp_path, replace(fitted_to_faqs().matcher, sharpness=2.0))
    assert model.poll()
    assert model.digest == third


def test_storage_that_is_away_is_tried_again(ops: Store, tmp_path: Path) -> None:
    digest = publish(ops, tmp_path)
    away = tmp_path / "away"
    (tmp_path / "ops").rename(away)
    model = Published(published(ops), FAQ, load_tested)
    assert not model.poll()
    away.rename(tmp_path / "ops")
    assert model.poll()
    assert model.digest == digest


def test_a_canary_stays_with_its_version(ops: Store, tmp_path: Path) -> None:
    pinned = publish(ops, tmp_path, other_matcher())
    publish(ops, tmp_path)
    model = Published(published(ops), FAQ, load_tested, pinned=pinned)
    assert model.poll()
    assert model.digest == pinned
    assert not model.poll()
