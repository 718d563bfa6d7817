"""What a question is answered with."""

import numpy as np
import pytest

from faq_pipeline.matching.fit import Fitted
from faq_pipeline.matching.matcher import in_scope, probabilities
from faq_pipeline_tests.questions import ELSEWHERE, faqs

QUESTION = "where on earth is my lost card"


def test_three_matches_unless_more_are_asked_for(fitted: Fitted) -> None:
    matcher = fitted.matcher
    (three,) = matcher.answer([QUESTION])
    (every,) = matcher.answer([QUESTION], top=0)
    (many,) = matcher.answer([QUESTION], top=100)
    assert three.matches[0].entry.id == "lost-card"
    assert len(three.matches) == 3
    assert many == every
    assert every.matches[:3] == three.matches
    assert len(every.matches) == len(faqs())
    assert sum(match.probability for match in every.matches) == pytest.approx(1)
    chances = [match.probability for match in every.matches]
    assert chances == sorted(chances, reverse=True)


def test_an_answer_does_not_depend_on_the_questions_beside_it(fitted: Fitted) -> None:
    questions = [QUESTION, *(each.question for each in faqs()), *ELSEWHERE]
    alone = [fitted.matcher.answer([question])[0] for question in questions]
    assert fitted.matcher.answer(questions) == alone


def test_questions_about_something_else_are_told_apart(fitted: Fitted) -> None:
    ours = [answer.in_scope for answer in fitted.matcher.answer([f.question for f in faqs()])]
    others = [answer.in_scope for answer in fitted.matcher.answer(ELSEWHERE)]
    assert min(ours) > max(others)


def test_a_question_without_a_known_word_has_an_answer_of_no_promise(fitted: Fitted) -> None:
    for question in ("???", "", "zzz", "\u4f60\u597d"):
        (answer,) = fitted.matcher.answer([question])
        assert len(answer.matches) == 3
        assert answer.in_scope < 0.5


def test_extreme_numbers_stay_numbers() -> None:
    chances = probabilities(np.array([[1e4, -1e4, 0]], np.float32), 100.0)
    assert chances.tolist() == [[1.0, 0.0, 0.0]]
    with np.errstate(all="raise"):
        inside = in_scope(np.array([[1e6, 0, 0], [-1e6, 0, 0]]), np.array([1.0, 0, 0, 0]))
    assert inside.tolist() == [1.0, 0.0]
