"""What is learned, and how it is calibrated."""

import numpy as np

from faq_pipeline.evaluation import accuracy, ranks
from faq_pipeline.matching.fit import Fitted, fit
from faq_pipeline.matching.matcher import Entry
from faq_pipeline_tests.questions import faqs

ENTRIES = [Entry(each.id, each.question, each.answer) for each in faqs()]


def test_questions_that_were_not_learned_from_are_matched() -> None:
    fitted = fit(ENTRIES, {each.id: each.texts[::2] for each in faqs()})
    rest = [(text, each.id) for each in faqs() for text in each.texts[1::2]]
    assert accuracy(ranks(fitted.matcher, rest), 3) > 0.95
    assert fitted.scope_auroc > 0.8


def test_the_same_questions_give_the_same_matcher(fitted: Fitted) -> None:
    again = fit(ENTRIES, {each.id: each.texts for each in faqs()}).matcher
    assert np.array_equal(again.weights, fitted.matcher.weights)
    assert np.array_equal(again.scope, fitted.matcher.scope)
    assert again.sharpness == fitted.matcher.sharpness


def test_entries_that_are_asked_in_one_way_only_do_not_stop_it() -> None:
    questions = {
        each.id: each.texts if place < 5 else each.texts[:1] for place, each in enumerate(faqs())
    }
    fitted = fit(ENTRIES, questions)
    assert fitted.matcher.weights.shape[1] == len(faqs())
    assert 0 <= fitted.scope_auroc <= 1
