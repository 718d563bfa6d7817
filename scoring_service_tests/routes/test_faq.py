"""Questions over HTTP."""

from typing import Any

import pytest

from faq_pipeline_tests.questions import faqs, fitted_to_faqs
from pipeline_kit.storage.store import Store
from scoring_service_tests.serving import Asked

QUESTION = "my debit card is lost, help"


def test_a_question_gets_three_matches_with_answers_and_probabilities(asked: Asked) -> None:
    answer = asked.match(QUESTION)
    assert answer.status_code == 200
    told = answer.json()
    assert asked.service.faq
    assert told["model"] == asked.service.faq.published.digest
    assert len(told["matches"]) == 3
    (expected,) = fitted_to_faqs().matcher.answer([QUESTION])
    assert told["in_scope"] == expected.in_scope
    first = expected.matches[0]
    assert told["matches"][0] == {
        "id": "lost-card",
        "question": first.entry.question,
        "answer": "The answer on lost-card.",
        "probability": first.probability,
    }


def test_as_many_as_are_wanted_or_all(asked: Asked) -> None:
    assert len(asked.match(QUESTION, top=1).json()["matches"]) == 1
    assert len(asked.match(QUESTION, top=0).json()["matches"]) == len(faqs())
    assert len(asked.match(QUESTION, top=1000).json()["matches"]) == len(faqs())


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "question: Field required"),
        ({"question": ""}, "question: String should have at least 1 character"),
        ({"question": " \n"}, "question: it is blank"),
        ({"question": "\u200b\u200d\ufeff\u2060 \ufe0f\u034f\0"}, "question: it is blank"),
        ({"question": "\u3164\u2800"}, "question: it is blank"),
        ({"question": "a" * 2001}, "question: String should have at most 2000 characters"),
        ({"question": 7}, "question: Input should be a valid string"),
        ({"question": "a", "top": -1}, "top: Input should be greater than or equal to 0"),
        ({"question": "a", "top": True}, "top: Input should be a valid integer"),
        ({"question": "a", "top": "3"}, "top: Input should be a valid integer"),
        ({"question": "a", "top": 3.0}, "top: Input should be a valid integer"),
        ([], "body: Input should be a valid"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(asked: Asked, body: Any, says: str) -> None:
    answer = asked.post("/v1/faq/match", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(says)


def test_what_is_no_json_is_refused(asked: Asked) -> None:
    headers = {"Content-Type": "application/json"}
    broken = asked.post("/v1/faq/match", content=b'{"question": ', headers=headers)
    assert (broken.status_code, broken.json()["detail"][:20]) == (422, "the body is no JSON:")
    no_text, digits, deep = b'{"question": "\xff"}', b'{"question": "a", "top": %s}', b"[" * 99_999
    for content in (no_text, digits % (b"1" * 5000), deep):
        broken = asked.post("/v1/faq/match", content=content, headers=headers)
        assert broken.status_code == 422
        assert broken.json()["detail"] == "the body is no JSON that can be read"
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        answer = asked.post("/score", content=b'{"input": "a"}', headers={"Content-Type": kind})
        assert (answer.status_code, answer.json()["detail"]) == (
            415,
            f"{kind} is not taken: send application/json",
        )


def test_clients_of_the_reference_get_what_they_know(asked: Asked) -> None:
    answer = asked.post("/score", json={"input": QUESTION})
    rows, spent = answer.json()["result"]
    assert len(rows) == len(faqs())
    assert rows[0][:2] == ["lost-card", "lost-card"]
    assert [row[2] for row in rows] == sorted((row[2] for row in rows), reverse=True)
    assert spent.startswith("Computed in ")


def test_a_service_without_questions_says_so(published_ops: Store) -> None:
    assert Asked(published_ops, faq="none").ready().match(QUESTION).status_code == 404


def test_letters_of_any_script_pass(asked: Asked) -> None:
    for question in ("\u0633\u0644\u0627\u0645", "\U0001f600", "\u202e card", "a\0b", "?"):
        assert asked.match(question).status_code == 200
