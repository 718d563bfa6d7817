"""Which of the dropped files are read."""

import pytest

from faq_pipeline.intake import sift_faqs
from pipeline_kit.storage.objects import StoredObject


def twice(*files: StoredObject) -> tuple[list[str], list[str]]:
    first = sift_faqs(files, frozenset(), hour=0)
    found = sift_faqs(files, first.ledger, hour=0)
    return [each.name for each in found.start], [each.reason for each in found.rejected]


def test_a_faq_is_started_once_it_is_whole() -> None:
    files = (StoredObject("faq/bank.csv", 9, "1"), StoredObject("faq/.hidden.csv", 9, "1"))
    assert twice(*files) == (["faq/bank.csv"], [])


@pytest.mark.parametrize(
    ("name", "size", "says"),
    [
        ("faq/deep/bank.csv", 9, "drop it into faq/ itself"),
        ("faq/bank.xlsx", 9, "convert it to one of csv, jsonl"),
        ("faq/bank,2.csv", 9, "rename it"),
        ("faq/bank.csv", 1 << 30, "at most 0.05 are taken"),
        ("faq/bank.csv", 0, "it is empty"),
    ],
)
def test_what_is_not_taken_says_what_to_do(name: str, size: int, says: str) -> None:
    started, (reason,) = twice(StoredObject(name, size, "1"))
    assert not started
    assert says in reason
