"""Questions, asked in batches."""

import asyncio
from pathlib import Path

import pytest

from faq_pipeline_tests.questions import faqs, fitted_to_faqs
from pipeline_kit.storage.store import Store
from scoring_service.errors import Refused
from scoring_service.faq import Faq
from scoring_service_tests.serving import FAQ


def test_questions_together_are_answered_as_each_alone(published_ops: Store) -> None:
    faq = Faq(published_ops, FAQ, pinned="", most=64, waiting=1000)
    faq.published.poll()
    questions = [(text, top) for each in faqs() for text, top in zip(each.texts, (0, 1, 3, 99))]  # noqa: B905

    async def run() -> list[object]:
        told = await asyncio.gather(*(faq.ask(*each) for each in questions))
        assert {each.model for each in told} == {faq.published.digest}
        return [each.answer for each in told]

    alone = [fitted_to_faqs().matcher.answer([text], top=top)[0] for text, top in questions]
    assert asyncio.run(run()) == alone


def test_nothing_is_answered_before_anything_is_loaded(tmp_path: Path) -> None:
    faq = Faq(Store(url=tmp_path.as_uri()), FAQ, pinned="", most=1, waiting=1)
    with pytest.raises(Refused, match="not loaded yet"):
        asyncio.run(faq.ask("lost card", 3))
