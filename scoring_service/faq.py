"""Questions: the published matcher, asked in batches."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from faq_pipeline.matching.matcher import Answer, Matcher
from faq_pipeline.matching.matcher_file import BadMatcher, answers_as_when_saved, load_matcher
from pipeline_kit.models.registry import Registry
from pipeline_kit.storage.store import Store
from scoring_service.batching import Batcher
from scoring_service.published import Published

FOLDER: Final = "faq_models"
"""Of the registry that the FAQ's pipeline publishes to."""


@dataclass(frozen=True)
class Asked:
    """A question, and how many matches are wanted: all for 0."""

    question: str
    top: int


@dataclass(frozen=True)
class Told:
    answer: Answer
    model: str
    """The digest of the matcher that gave it."""


class Faq:
    """What answers questions."""

    def __init__(self, ops: Store, name: str, *, pinned: str, most: int, waiting: int) -> None:
        registry = Registry(store=ops, suffix=".safetensors", folder=FOLDER)
        self.published = Published(registry, name, load_tested, pinned=pinned)
        self.batcher: Batcher[Asked, Told] = Batcher(
            "faq", self._answer, most=most, waiting=waiting, threaded=False
        )

    async def ask(self, question: str, top: int) -> Told:
        """Raises `Refused` where nothing is loaded, or too many wait."""
        _ = self.published.model
        return await self.batcher.ask(Asked(question, top))

    def _answer(self, asked: Sequence[Asked]) -> list[Told | Exception]:
        matcher, digest = self.published.model, self.published.digest
        answers: dict[Asked, Answer] = {}
        for top in {each.top for each in asked}:
            same = [each for each in asked if each.top == top]
            found = matcher.answer([each.question for each in same], top=top)
            answers.update(zip(same, found, strict=True))
        return [Told(answers[each], digest) for each in asked]


def load_tested(path: Path) -> Matcher:
    """The matcher of a file, once it gives the answers that it gave where it was fitted."""
    matcher = load_matcher(path)
    try:
        same = answers_as_when_saved(path, matcher)
    except (KeyError, TypeError, ValueError) as error:
        raise BadMatcher(f"{path.name} cannot be asked what it remembers ({error!r})") from None
    if not same:
        raise BadMatcher(f"{path.name} does not give the answers that it gave when it was saved")
    return matcher
