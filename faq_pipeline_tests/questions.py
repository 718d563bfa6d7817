"""A small bank's FAQ: eight entries, each asked in many ways that templates make."""

import json
from functools import cache

from faq_pipeline.faq_file import Faq
from faq_pipeline.matching.fit import Fitted, fit
from faq_pipeline.matching.matcher import Entry

TOPICS = {
    "lost-card": ("report a lost card", "my card is lost", "cannot find my debit card"),
    "card-arrival": ("know when my new card arrives", "track card delivery", "card still in post"),
    "exchange-rate": ("see the exchange rate", "convert euros to dollars", "rate for currency"),
    "pin-change": ("change my PIN", "choose another PIN code", "set a different PIN number"),
    "top-up": ("top up my account", "add money to the balance", "pay in some cash"),
    "transfer-failed": ("see why a transfer failed", "payment was declined", "transfer rejected"),
    "close-account": ("close my account", "delete my profile", "stop being a customer"),
    "verify-identity": ("verify my identity", "upload my passport", "prove who I am"),
}
WAYS = (
    "How do I {}?",
    "I want to {} today",
    "please help: {}",
    "What must I do to {}",
    "{} - is that possible?",
    "hello, can you tell me about how to {}",
    "need to {} as soon as possible",
    "is there a way to {} in the app?",
)
ELSEWHERE = (
    "what is the weather like in Lisbon tomorrow",
    "who won the football match yesterday evening",
    "recommend a recipe with aubergines",
    "how tall is the highest mountain on Mars",
)


def faqs() -> tuple[Faq, ...]:
    """Each with 24 questions."""
    return tuple(
        Faq(topic, WAYS[0].format(phrases[0]), f"The answer on {topic}.", tuple(texts[1:]))
        for topic, phrases in sorted(TOPICS.items())
        for texts in [[way.format(phrase) for phrase in phrases for way in WAYS]]
    )


def as_csv(found: tuple[Faq, ...]) -> bytes:
    rows = ["id,question,answer"]
    for faq in found:
        rows.append(f'{faq.id},"{faq.question}",{faq.answer}')
        rows += [f'{faq.id},"{text}",' for text in faq.duplicates]
    return "\n".join(rows).encode()


def as_json_lines(found: tuple[Faq, ...]) -> bytes:
    return "\n".join(
        json.dumps(
            {
                "id": faq.id,
                "question": faq.question,
                "answer": faq.answer,
                "duplicates": faq.duplicates,
            }
        )
        for faq in found
    ).encode()


@cache
def fitted_to_faqs() -> Fitted:
    """To all of them, once a process."""
    entries = [Entry(each.id, each.question, each.answer) for each in faqs()]
    return fit(entries, {each.id: each.texts for each in faqs()})
