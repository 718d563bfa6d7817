"""The file of a FAQ that people drop: questions, other ways to ask them, and answers."""

import csv
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import blake2b
from io import StringIO
from typing import Any, Final

from faq_pipeline.matching.terms import words
from pipeline_kit.errors import UnusableInput

EXTENSIONS: Final = ("csv", "jsonl")
LEAST_FAQS: Final = 5
LONGEST: Final = 2000
"""Characters of a question."""
HELD_BACK: Final = 10
"""One in so many duplicates is not learned from, and judges the model."""


class BadFaq(UnusableInput):
    """The file is no FAQ, or one from which nothing can be learned."""


@dataclass(frozen=True)
class Faq:
    """A question with its answer."""

    id: str
    question: str
    answer: str
    duplicates: tuple[str, ...] = ()
    """Other ways to ask it."""

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.question, *self.duplicates)


def parse(data: bytes, name: str) -> tuple[Faq, ...]:
    """The FAQs of a dropped file, ordered by their id. Raises `BadFaq` with what is wrong.

    A CSV file has the columns `id`, `question` and `answer`: of the rows with one id, the first is
    the original, and the others need no answer. A line of a JSON Lines file is an object with
    `question`, `answer`, `duplicates` and, if they are to be stable, `id`.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadFaq("it is not UTF-8: save it as UTF-8") from None
    rows = _csv(text) if name.lower().endswith(".csv") else _json_lines(text)
    found: dict[str, list[Faq]] = {}
    for faq in rows:
        found.setdefault(faq.id, []).append(faq)
    merged = (_merged(parts) for _, parts in sorted(found.items()))
    return check(tuple(merged))


def check(faqs: tuple[Faq, ...]) -> tuple[Faq, ...]:
    """The same, if something can be learned from them. Raises `BadFaq`."""
    if len(faqs) < LEAST_FAQS:
        raise BadFaq(f"it has {len(faqs)} questions with an answer: at least {LEAST_FAQS} it takes")
    owners: dict[str, str] = {}
    for faq in faqs:
        for text in faq.texts:
            if not words(text):
                raise BadFaq(f"{faq.id}: the question {text!r} has no word")
            if len(text) > LONGEST:
                raise BadFaq(f"{faq.id}: a question has more than {LONGEST} characters")
            if (other := owners.setdefault(normal(text), faq.id)) != faq.id:
                raise BadFaq(f"{text!r} is asked in both {other} and {faq.id}: keep one")
        if not faq.answer.strip():
            raise BadFaq(f"{faq.id}: there is no answer")
    if sum(len(faq.duplicates) > 0 for faq in faqs) < LEAST_FAQS:
        raise BadFaq(f"fewer than {LEAST_FAQS} questions have duplicates: add other ways to ask")
    return faqs


def normal(text: str) -> str:
    """The question as it is compared: case, punctuation and blanks make no other one."""
    return " ".join(words(text))


def dump(faqs: tuple[Faq, ...]) -> bytes:
    """As JSON Lines: the same FAQs are the same bytes."""
    return "".join(json.dumps(asdict(faq), ensure_ascii=False) + "\n" for faq in faqs).encode()


def split(faqs: tuple[Faq, ...]) -> tuple[tuple[Faq, ...], list[tuple[str, str]]]:
    """What is learned from, and (question, id) of what is held back.

    What is held back follows from the text alone, so that a model that was published before never
    learned from what judges the next one. Originals are learned from.
    """
    learned, held = [], []
    for faq in faqs:
        back = [text for text in faq.duplicates if _is_held_back(text)]
        held += [(text, faq.id) for text in back]
        kept = tuple(text for text in faq.duplicates if text not in back)
        learned.append(Faq(faq.id, faq.question, faq.answer, kept))
    return tuple(learned), held


def _is_held_back(text: str) -> bool:
    return blake2b(normal(text).encode(), digest_size=2).digest()[0] % HELD_BACK == 0


def _merged(parts: list[Faq]) -> Faq:
    first = parts[0]
    answers = {part.answer.strip() for part in parts if part.answer.strip()}
    if len(answers) > 1:
        raise BadFaq(f"{first.id} has {len(answers)} answers: keep one")
    texts = {normal(text): text for part in reversed(parts) for text in reversed(part.texts)}
    texts.pop(normal(first.question))
    return Faq(first.id, first.question, "".join(answers), tuple(reversed(texts.values())))


def _csv(text: str) -> Iterator[Faq]:
    try:
        table = csv.DictReader(StringIO(text, newline=""), strict=True)
        if missing := {"id", "question", "answer"} - set(table.fieldnames or ()):
            raise BadFaq(f"it has no column {', '.join(sorted(missing))}")
        for row in table:
            cells = [(row[name] or "").strip() for name in ("id", "question", "answer")]
            yield Faq(cells[0], cells[1], cells[2])
    except csv.Error as error:
        raise BadFaq(f"line {table.line_num}: {error}") from None


def _json_lines(text: str) -> Iterator[Faq]:
    # Not `splitlines`: within a text stand other separators of lines as well, such as U+2028.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row: dict[str, Any] = json.loads(line)
            question, answer = str(row["question"]).strip(), str(row["answer"]).strip()
            duplicates = tuple(str(each).strip() for each in row.get("duplicates", ()))
            yield Faq(str(row.get("id") or question), question, answer, duplicates)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadFaq(
                f"line {number} is no object with question and answer ({error!r})"
            ) from None
