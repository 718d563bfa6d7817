"""What the benchmark of FAQs reads and counts."""

import json
from pathlib import Path

import pytest

from benchmarks.faq import auroc_interval, banking77, clinc150, table
from faq_pipeline_tests.questions import ELSEWHERE, faqs

ASKED = [(text, each.id) for each in faqs() for text in each.texts]


def test_both_collections_are_read_by_their_parts(tmp_path: Path) -> None:
    (tmp_path / "banking77").mkdir()
    (tmp_path / "clinc150").mkdir()
    for name in ("train", "test"):
        text = f'text,category\n"Where, then, is it?",{name}\n'
        (tmp_path / f"banking77/{name}.csv").write_text(text)
    parts = {name: [[name, "kind"]] for name in ("train", "val", "test", "oos_train", "oos_test")}
    (tmp_path / "clinc150/data_full.json").write_text(json.dumps(parts))
    question = "Where, then, is it?"
    assert banking77(tmp_path) == ([(question, "train")], [(question, "test")])
    assert clinc150(tmp_path) == ([("train", "kind")], [("test", "kind")], ["oos_test"])


def test_the_area_is_the_share_of_pairs_in_the_right_order() -> None:
    area, low, high = auroc_interval([0.9, 0.8, 0.4], [0.5, 0.1])
    assert area == pytest.approx(5 / 6)
    assert low <= area <= high


def test_a_row_for_each_measure_with_its_interval() -> None:
    rows = table("bank", ASKED[::2], ASKED[1::2], ELSEWHERE)
    assert float(rows["bank: accuracy@3, %"].split()[0]) > 95
    assert " to " in rows["bank: accuracy@1, %"]
    assert float(rows["bank: AUROC of questions out of scope"].split()[0]) > 0.9
