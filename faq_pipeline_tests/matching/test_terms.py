"""Questions as rows of numbers."""

import numpy as np
import pytest

from faq_pipeline.matching.terms import Terms, words

TEXTS = ["my card is lost", "my card is late", "lost the card again", "exchange rate of my euros"]


def test_case_punctuation_and_apostrophes_make_no_other_word() -> None:
    assert words("I can't FIND my “Card”!") == ["i", "cant", "find", "my", "card"]
    assert words("I can\u2019t find") == ["i", "cant", "find"]
    assert words("\uff23ard ?!") == ["card"], "full-width letters"


def test_both_blocks_of_a_row_have_length_one() -> None:
    terms = Terms.of(TEXTS)
    rows, unknown = terms.rows(["my card, my card", "my euros"])
    dense = rows.toarray()
    for block in (dense[:, : terms.split], dense[:, terms.split :]):
        assert np.linalg.norm(block, axis=1) == pytest.approx(np.ones(2), abs=1e-6)
    assert unknown.tolist() == [0.0, 0.5]


def test_a_rare_term_weighs_more() -> None:
    terms = Terms.of(TEXTS, least=1)
    weights = dict(zip(terms.names, terms.rarity.tolist(), strict=True))
    assert weights["euros"] > weights["my"] > 1
    assert "lost the" in weights
    assert "lost the" not in Terms.of(TEXTS).names


def test_nothing_known_is_a_row_of_nothing() -> None:
    rows, unknown = Terms.of(TEXTS).rows(["qqq", ""])
    assert rows.nnz == 0
    assert unknown.tolist() == [1.0, 0.0]


def test_a_row_does_not_depend_on_its_neighbors() -> None:
    terms = Terms.of(TEXTS)
    together, _ = terms.rows(TEXTS)
    for place, text in enumerate(TEXTS):
        assert (terms.rows([text])[0] != together[place]).nnz == 0
