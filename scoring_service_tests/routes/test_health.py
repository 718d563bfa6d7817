"""Whether it lives, whether it is ready, and what it is."""

from pathlib import Path

import pytest

from pipeline_kit.storage.store import Store
from scoring_service_tests.serving import FAQ, Asked


def test_it_is_ready_once_everything_is_loaded(published_ops: Store, network: Path) -> None:
    asked = Asked(published_ops, classifiers=f"colors={network}")
    assert asked.get("/livez").status_code == 200
    told = asked.get("/readyz")
    assert (told.status_code, told.json()["detail"]) == (
        503,
        f"not loaded yet: classifiers, {FAQ}",
    )
    assert asked.match("lost card").status_code == 503
    assert asked.ready().get("/readyz").json() == {"status": "ready"}
    asked.service.draining = True
    assert asked.get("/readyz").status_code == 503
    assert asked.get("/livez").status_code == 200
    assert asked.match("lost card").status_code == 200


def test_it_says_which_models_answer(asked: Asked, network: Path) -> None:
    told = asked.get("/version").json()
    assert asked.service.faq
    assert told["faq"] == {"name": FAQ, "model": asked.service.faq.published.digest}
    assert told["classifiers"] == {"colors": str(network)}
    assert told["version"]


def test_a_classifier_that_cannot_be_had_ends_it(published_ops: Store) -> None:
    asked = Asked(published_ops, classifiers="one=/nowhere.onnx")
    asked.service._open()
    told = asked.get("/livez")
    assert (told.status_code, told.json()["detail"]) == (503, "/nowhere.onnx does not exist")


def test_so_does_one_that_fails_as_nobody_thought_of(
    published_ops: Store, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(source: str, *, device: str) -> None:
        raise RuntimeError("the driver is too old")

    monkeypatch.setattr("scoring_service.classifiers.open_classifier", fail)
    asked = Asked(published_ops, classifiers=f"one={network}")
    asked.service._open()
    told = asked.get("/livez")
    assert (told.status_code, told.json()["detail"]) == (
        503,
        "a classifier could not be opened: the log says why",
    )
