"""What a dropped file of questions and answers may look like."""

from dataclasses import replace

import pytest

from faq_pipeline.faq_file import BadFaq, Faq, dump, parse, split
from faq_pipeline_tests.questions import as_csv, as_json_lines, faqs

LINES = as_csv(faqs()).decode().splitlines()


def test_a_spreadsheet_and_json_lines_say_the_same() -> None:
    assert parse(as_csv(faqs()), "bank.CSV") == faqs()
    assert parse(as_json_lines(faqs()), "bank.jsonl") == faqs()
    assert parse(dump(faqs()), "again.jsonl") == faqs()


def test_a_byte_order_mark_quotes_and_the_same_question_twice_do_no_harm() -> None:
    rows = [*LINES, LINES[2], 'lost-card,"Lost it, ""all"" of it",']
    found = parse(b"\xef\xbb\xbf" + "\r\n".join(rows).encode(), "bank.csv")
    changed = next(each for each in found if each.id == "lost-card")
    before = next(each for each in faqs() if each.id == "lost-card")
    assert changed.duplicates == (*before.duplicates, 'Lost it, "all" of it')


@pytest.mark.parametrize("separator", ["\u2028", "\x85", "\n", "\r"])
def test_lines_within_a_question_or_an_answer_stay_there(separator: str) -> None:
    first, *others = faqs()
    broken = replace(first, answer=f"One.{separator}Two.")
    found = parse(dump((broken, *others)), "bank.jsonl")
    assert found == (broken, *others)
    assert parse(dump(found).replace(b"\n", b"\r\n"), "bank.jsonl") == found


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"id,question\n1,a", "no column answer"),
        ("\n".join(LINES[:30]).encode(), "it has 2 questions with an answer"),
        ("\n".join([*LINES, LINES[1] + " No."]).encode(), "has 2 answers: keep one"),
        ("\n".join([*LINES, "lost-card,I want to change my pin TODAY,"]).encode(), "is asked in"),
        ("\n".join([*LINES, "lost-card,???,"]).encode(), "has no word"),
        ("\n".join([*LINES, "new,What is new,"]).encode(), "new: there is no answer"),
        (f"{chr(10).join(LINES)}\nlost-card,{'why ' * 600},".encode(), "more than 2000 characters"),
        ((LINES[0] + '\n1,"open').encode(), "unexpected end of data"),
    ],
)
def test_a_wrong_spreadsheet_is_refused_in_a_line_that_says_what_is_wrong(
    data: bytes, says: str
) -> None:
    with pytest.raises(BadFaq) as error:
        parse(data, "bank.csv")
    assert says in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("line", [b"[1]", b"{", b'{"question": "Why?"}', b'{"answer": "So."}'])
def test_a_line_that_is_no_question_with_an_answer_is_named(line: bytes) -> None:
    with pytest.raises(BadFaq, match="line 9 is no object with question and answer"):
        parse(as_json_lines(faqs()) + b"\n" + line, "bank.jsonl")


def test_without_other_ways_to_ask_nothing_can_be_learned() -> None:
    alone = tuple(replace(each, duplicates=()) for each in faqs())
    with pytest.raises(BadFaq, match="add other ways to ask"):
        parse(dump(alone), "bank.jsonl")


def test_what_is_held_back_follows_from_the_text_alone() -> None:
    learned, held = split(faqs())
    count = sum(len(each.texts) for each in faqs())
    assert sum(len(each.texts) for each in learned) + len(held) == count
    assert 0.04 < len(held) / count < 0.2
    assert [each.question for each in learned] == [each.question for each in faqs()]
    # In another file, with other punctuation, the same questions are held back.
    text, name = held[0]
    other = (Faq("x", "An original?", "So.", (text.upper() + "!", "And this?")),)
    assert split(other)[1][:1] == [(text.upper() + "!", "x")]
    assert name in {each.id for each in faqs()}
