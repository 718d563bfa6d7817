"""The file of a matcher."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from faq_pipeline.matching.fit import Fitted
from faq_pipeline.matching.matcher_file import (
    BadMatcher,
    about_matcher,
    answers_as_when_saved,
    load_matcher,
    save_matcher,
)
from faq_pipeline_tests.questions import ELSEWHERE, faqs

QUESTIONS = [*(text for each in faqs() for text in each.texts), *ELSEWHERE]


def test_answers_are_equal_after_it_is_loaded_again(fitted: Fitted, tmp_path: Path) -> None:
    path = tmp_path / "model"
    save_matcher(path, fitted.matcher, probes=QUESTIONS, about={"faq": "abc"})
    loaded = load_matcher(path)
    assert loaded.answer(QUESTIONS, top=0) == fitted.matcher.answer(QUESTIONS, top=0)
    assert answers_as_when_saved(path, loaded)
    assert about_matcher(path)["faq"] == "abc"


def test_the_same_matcher_is_the_same_bytes(fitted: Fitted, tmp_path: Path) -> None:
    for name in "ab":
        save_matcher(tmp_path / name, fitted.matcher, about={})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_matcher_that_answers_otherwise_is_noticed(fitted: Fitted, tmp_path: Path) -> None:
    save_matcher(tmp_path / "model", fitted.matcher, probes=QUESTIONS, about={})
    other = replace(fitted.matcher, bias=-fitted.matcher.bias * 3)
    assert not answers_as_when_saved(tmp_path / "model", other)
    duller = replace(fitted.matcher, sharpness=fitted.matcher.sharpness * 0.99)
    assert not answers_as_when_saved(tmp_path / "model", duller)


def test_a_file_that_remembers_no_answers_shows_nothing(fitted: Fitted, tmp_path: Path) -> None:
    save_matcher(tmp_path / "model", fitted.matcher, probes=[], about={})
    assert not answers_as_when_saved(tmp_path / "model", fitted.matcher)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("weights", np.zeros((3, 3), np.float32)),
        ("bias", np.zeros(8)),
        ("scope", np.array([1.0, np.nan, 0, 0])),
        ("split", np.array([10**9])),
        ("names", np.array([255, 254], np.uint8)),
        ("sharpness", None),
    ],
)
def test_a_file_with_an_array_that_cannot_be_is_refused(
    fitted: Fitted, tmp_path: Path, name: str, array: Any
) -> None:
    path = tmp_path / "model"
    save_matcher(path, fitted.matcher, about={})
    arrays, about = load_file(path), {"about": json.dumps(about_matcher(path))}
    if array is None:
        del arrays[name]
    else:
        arrays[name] = array
    save_file(arrays, path, metadata=about)
    with pytest.raises(BadMatcher, match="model holds no matcher"):
        load_matcher(path)


def test_what_is_no_such_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("none")
    save_file({"weights": np.zeros(3)}, tmp_path / "other", metadata={"format": "else"})
    for name in ("text", "other", "missing"):
        with pytest.raises(BadMatcher, match=name):
            load_matcher(tmp_path / name)
