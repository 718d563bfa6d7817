"""What runs beside the requests."""

import asyncio
import gc
from dataclasses import replace
from pathlib import Path

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from faq_pipeline_tests.questions import fitted_to_faqs
from pipeline_kit.storage.store import Store
from scoring_service_tests.serving import Asked, publish


def test_a_model_that_is_published_answers_without_one_request_lost(tmp_path: Path) -> None:
    ops = Store(url=(tmp_path / "ops").as_uri())
    digests = {publish(ops, tmp_path)}
    asked = Asked(ops, poll_seconds=0.1, requests_per_second=0)
    frozen = gc.get_freeze_count()

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
    assert gc.get_freeze_count() > frozen, "garbage is looked for among what stays"
