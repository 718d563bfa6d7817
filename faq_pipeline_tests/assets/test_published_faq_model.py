"""Which models are published, and which are not."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from faq_pipeline.assets import published_faq_model
from faq_pipeline.faq_file import Faq
from faq_pipeline.library import published
from faq_pipeline.matching.matcher_file import load_matcher
from faq_pipeline.partitions import SETTINGS
from faq_pipeline_tests.bank import KEY, Bank, failed_checks, metadata, new_bank, why
from faq_pipeline_tests.questions import as_csv, faqs


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    with new_bank(tmp_path) as bank:
        yield bank


def scrambled(found: tuple[Faq, ...]) -> tuple[Faq, ...]:
    """With questions of all entries asked of each, from which nothing can be learned."""
    texts = [text for faq in found for text in faq.duplicates]
    count = len(found)
    return tuple(replace(faq, duplicates=tuple(texts[n::count])) for n, faq in enumerate(found))


def test_a_good_model_is_published_and_answers(bank: Bank, tmp_path: Path) -> None:
    bank.drop(as_csv(faqs()))
    result = bank.make()
    assert result.success
    assert failed_checks(result) == {}
    told = metadata(result, "faq_evaluation")
    assert told["accuracy_at_3"] > 0.9
    assert told["published"] == "none"
    digest = metadata(result, "published_faq_model")["model"]
    assert bank.published == digest
    matcher = load_matcher(published(bank.ops).fetch(KEY, digest, tmp_path))
    (answer,) = matcher.answer(["my debit card is lost"])
    assert answer.matches[0].entry.answer == "The answer on lost-card."


def test_a_worse_model_is_not_published_and_a_previous_one_can_be_again(bank: Bank) -> None:
    bank.drop(as_csv(faqs()))
    assert bank.make().success
    first = bank.published
    # Another file, with one entry more, is as good: it takes over.
    hours = Faq("hours", "When are you open?", "Always.", ("opening hours", "are you open now"))
    bank.drop(as_csv((*faqs(), hours)))
    result = bank.make()
    assert metadata(result, "faq_evaluation")["published"] == first
    second = bank.published
    assert second != first

    bank.drop(as_csv(scrambled(faqs())))
    bad = bank.make()
    assert not bad.success
    assert failed_checks(bad)
    assert bank.published == second
    assert why(bank.make("published_faq_model")).startswith(f"{KEY}: model ")
    assert bank.published == second

    # Back to the first, by its digest.
    assert bank.make("published_faq_model", digest=first).success
    assert bank.published == first
    gone = bank.make("published_faq_model", digest="0" * 64)
    assert "is gone" in why(gone)
    assert bank.published == first


def test_what_was_not_evaluated_is_not_published(bank: Bank) -> None:
    bank.drop(as_csv(faqs()))
    assert bank.make("faq", "faq_model").success
    assert "it was not evaluated" in why(bank.make("published_faq_model"))
    assert bank.published == ""


def test_a_floor_that_is_not_reached_blocks(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    strict = SETTINGS.model_copy(update={"least_auroc": 1.01})
    monkeypatch.setattr(published_faq_model, "SETTINGS", strict)
    bank.drop(as_csv(faqs()))
    result = bank.make()
    assert set(failed_checks(result)) == {"tells_what_it_cannot_answer"}
    assert bank.published == ""
