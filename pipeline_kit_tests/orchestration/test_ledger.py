import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_kit.orchestration.ledger import Ledger, dump, fingerprint, load

unhurried = settings(deadline=None)


@given(st.lists(st.tuples(st.text(), st.text()), unique=True, min_size=2, max_size=2))
def test_marks_of_different_words_differ(words: list[tuple[str, str]]) -> None:
    one, other = words
    assert fingerprint(*one) != fingerprint(*other)
    assert fingerprint(*one) == fingerprint(*one)


@unhurried
@given(st.frozensets(st.binary(min_size=6, max_size=6)))
def test_a_ledger_is_read_back_as_it_was_written(ledger: Ledger) -> None:
    assert load(dump(ledger)) == ledger


@pytest.mark.parametrize(
    "cursor",
    [
        None,
        "",
        "{",
        "3",
        "[]",
        '{"version":1}',
        '{"version":1,"ledger":"?"}',
        '{"version":1,"ledger":3}',
    ],
)
def test_a_cursor_that_cannot_be_read_starts_over(cursor: str | None) -> None:
    assert load(cursor) == frozenset()


def test_a_ledger_of_another_version_starts_over() -> None:
    written = json.loads(dump(frozenset([fingerprint("a")])))
    assert load(json.dumps({**written, "version": written["version"] + 1})) == frozenset()
