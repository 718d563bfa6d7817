"""Questions."""

import json
import time
import unicodedata
from typing import Annotated, Any, Final

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from scoring_service.errors import Refused
from scoring_service.faq import Told
from scoring_service.service import Service

_FILLERS: Final = "\u115f\u1160\u2800\u3164\uffa0"
"""By their category letters and a symbol, and yet nothing is seen of them."""


class Question(BaseModel, strict=True):
    """What is asked."""

    question: Annotated[
        str, Field(min_length=1, max_length=2000, examples=["Where is my new card?"])
    ]
    top: Annotated[int, Field(ge=0, le=1000, description="matches wanted; 0 for all")] = 3


class FoundMatch(BaseModel):
    id: str = Field(examples=["card-arrival"])
    question: str = Field(examples=["When does my new card arrive?"])
    answer: str = Field(examples=["Within five working days."])
    probability: float = Field(examples=[0.93], description="that this is what was asked")


class Matches(BaseModel):
    """The best first."""

    matches: list[FoundMatch]
    in_scope: float = Field(
        examples=[0.98], description="from 0 to 1: how likely it is that any entry answers this"
    )
    model: str = Field(description="the digest of the model that answered")


class Scored(BaseModel, strict=True):
    """A request as the reference implementation takes it."""

    input: Annotated[str, Field(min_length=1, max_length=2000, examples=["Where is my new card?"])]


def faq_routes(service: Service) -> APIRouter:
    routes = APIRouter(tags=["questions"])

    @routes.post("/v1/faq/match", response_model=Matches)
    async def match(asked: Question) -> Response:
        """The questions of the FAQ that are most probably meant, with their answers."""
        told = await service.needed_faq().ask(_visible(asked.question), asked.top)
        return _json(_as_matches(told))

    @routes.post("/score", response_model=dict[str, Any])
    async def score(asked: Scored) -> Response:
        """For clients of the reference implementation: all entries, the best first, as
        `[id, id of the answer, probability]`; here an entry and its answer have one id."""
        began = time.perf_counter()
        told = await service.needed_faq().ask(_visible(asked.input), 0)
        rows = [[m.entry.id, m.entry.id, m.probability] for m in told.answer.matches]
        spent = f"Computed in {1e3 * (time.perf_counter() - began):.2f} ms"
        return _json({"result": [rows, spent]})

    return routes


def _visible(question: str) -> str:
    # Spaces and marks, and what is not assigned, controls or only formats: there are no words then.
    if all(each in _FILLERS or unicodedata.category(each)[0] in "ZMC" for each in question):
        raise Refused(422, "question: it is blank")
    return question


def _as_matches(told: Told) -> dict[str, Any]:
    return {
        "matches": [
            {
                "id": match.entry.id,
                "question": match.entry.question,
                "answer": match.entry.answer,
                "probability": match.probability,
            }
            for match in told.answer.matches
        ],
        "in_scope": told.answer.in_scope,
        "model": told.model,
    }


def _json(content: Any) -> Response:
    """Without the pass over it that FastAPI would make: it is ours, and of the right types."""
    return Response(json.dumps(content, ensure_ascii=False), media_type="application/json")
