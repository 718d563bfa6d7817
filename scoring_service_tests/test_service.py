"""What runs beside the requests."""

import asyncio
import gc
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from faq_pipeline_tests.questions import fitted_to_faqs
from pipeline_kit.storage.store import Store
from scoring_service_tests.serving import Asked, publish


def test_a_model_that_is_published_answers_without_one_request_lost(tmp_path: Path) -> None:
    ops = Store(url=(tmp_path / "ops").as_uri())
    digests = {publish(ops, tmp_path)}
    asked = Asked(ops, poll_seconds=0.1, requests_per_second=0)

    async def run() -> list[tuple[int, str]]:
        told: list[tuple[int, str]] = []
        transport = ASGITransport(asked.app)
        async with (
            asked.service.lifespan(FastAPI()),
            AsyncClient(transport=transport, base_url="http://test") as client,
        ):
            while (await client.get("/readyz")).status_code != 200:
                await asyncio.sleep(0.02)
            digests.add(publish(ops, tmp_path, replace(fitted_to_faqs().matcher, sharpness=1.0)))
            while len({model for _, model in told}) < 2:
                answer = await client.post("/v1/faq/match", json={"question": "lost card"})
                told.append((answer.status_code, answer.json().get("model", "")))
        return told

    told = asyncio.run(run())
    assert {status for status, _ in told} == {200}
    assert {model for _, model in told} == digests


def test_what_was_loaded_is_not_looked_through_for_garbage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen = []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(True))
    asked = Asked(ops := Store(url=(tmp_path / "ops").as_uri()))
    for count in (1, 2):
        publish(ops, tmp_path, replace(fitted_to_faqs().matcher, sharpness=float(count)))
        asked.service.poll()
        asked.service.poll()
        assert len(frozen) == count
