"""What every request passes."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, MutableMapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from pipeline_kit.storage.store import Store
from scoring_service import gate
from scoring_service.access import hash_of
from scoring_service.routes import health
from scoring_service_tests.serving import Asked, picture

QUESTION = "my secret card number is 4111 1111"


@pytest.fixture
def guarded(published_ops: Store) -> Asked:
    keys = f"shop:{hash_of('s3cret')}"
    return Asked(published_ops, keys=keys, requests_per_second=1, megabytes=0.01).ready()


def test_without_a_key_nothing_is_scored_and_health_is_told(guarded: Asked) -> None:
    assert guarded.match("where is my card?").status_code == 401
    for path in ("/score", "/v1/images/classify", "/v1/images/stylize?style=ink"):
        assert guarded.post(path, json={"input": "a"}).status_code == 401
    for path in ("/livez", "/readyz", "/metrics", "/version", "/docs", "/openapi.json"):
        assert guarded.get(path).status_code == 200
    headers = {"Authorization": "Bearer s3cret"}
    body = {"question": "where is my card?"}
    assert guarded.post("/v1/faq/match", json=body, headers=headers).status_code == 200


def test_more_than_the_rate_is_told_when_to_come_back(guarded: Asked) -> None:
    def ask() -> int:
        headers = {"X-API-Key": "s3cret"}
        answer = guarded.post("/score", json={"input": "lost card"}, headers=headers)
        if answer.status_code == 429:
            assert answer.headers["retry-after"] == "1"
            assert answer.json()["detail"] == "more than 1 requests a second"
        return answer.status_code

    assert sorted({ask() for _ in range(4)}) == [200, 429]


def test_a_body_that_is_too_large_is_refused_with_and_without_its_length(guarded: Asked) -> None:
    headers = {"X-API-Key": "s3cret", "Content-Type": "image/png"}

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(4):
            yield b"\0" * 5000

    for content in (b"\0" * 20_000, parts()):
        answer = guarded.post("/v1/images/classify", content=content, headers=headers)
        assert answer.status_code == 413
        assert answer.json()["detail"] == "the body has more than 0.01 MB"


def test_large_bodies_are_few_at_once_and_questions_pass_all_the_same(
    published_ops: Store, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "LARGE_BODIES", 4)
    asked = Asked(published_ops, classifiers=f"colors={network}", megabytes=1).ready()

    async def slow() -> AsyncIterator[bytes]:
        yield picture("red") + bytes(gate.SMALL)  # Pillow does not mind what is behind
        await asyncio.sleep(0.3)

    async def run(client: httpx.AsyncClient) -> list[int]:
        headers = {"Content-Type": "image/png"}
        sent = [
            asyncio.create_task(client.post("/v1/images/classify", content=slow(), headers=headers))
            for _ in range(3)
        ]
        await asyncio.sleep(0.1)
        question = await client.post("/v1/faq/match", json={"question": "lost card"})
        return [question.status_code, *sorted([(await each).status_code for each in sent])]

    assert asked.run(run) == [200, 200, 200, 429]
    assert asked.app.large_bodies.taken.total() == 0  # type: ignore[attr-defined]


def test_bodies_that_are_slow_and_small_take_no_place_of_pictures(
    published_ops: Store, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "LARGE_BODIES", 1)
    asked = Asked(published_ops, classifiers=f"colors={network}", megabytes=1).ready()

    async def slow() -> AsyncIterator[bytes]:
        yield picture("red")
        await asyncio.sleep(0.3)

    async def run(client: httpx.AsyncClient) -> list[int]:
        post, kind = client.post, {"Content-Type": "image/png"}
        sent = [
            asyncio.create_task(post("/v1/images/classify", content=slow(), headers=kind))
            for _ in range(2)
        ]
        await asyncio.sleep(0.1)
        large = picture("red") + bytes(gate.SMALL)
        answer = await post("/v1/images/classify", content=large, headers=kind)
        return [answer.status_code, *[(await each).status_code for each in sent]]

    assert asked.run(run) == [200, 200, 200]


def test_what_takes_too_long_is_answered_in_time(
    published_ops: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Asked(published_ops, deadline_seconds=0.1).ready()
    assert asked.service.faq

    async def never(question: str, top: int) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(asked.service.faq, "ask", never)
    answer = asked.match("lost card")
    assert (answer.status_code, answer.json()["detail"]) == (
        504,
        "not answered before the deadline",
    )


def test_what_has_begun_in_time_may_take_longer_as_a_film_does(tmp_path: Path) -> None:
    media, ops = (Store(url=(tmp_path / name).as_uri()) for name in ("media", "ops"))
    local: dict[str, Any] = {"base_url": "http://127.0.0.1:8000", "faq": "none", "stylize": True}
    asked = Asked(ops, media=media, deadline_seconds=1, **local)
    media.write("videos/ink/clip.mp4", b"clip")
    media.write("styled/ink/clip.mp4", bytes(1 << 20))

    async def run(client: httpx.AsyncClient) -> int:
        (film,) = (await client.get("/v1/films")).json()
        scope = {
            **{"type": "http", "method": "GET", "path": f"/v1/films/{film['id']}/film"},
            **{"headers": [(b"host", b"127.0.0.1:8000")], "client": ("127.0.0.1", 1)},
            **{"query_string": b"", "scheme": "http", "server": ("127.0.0.1", 8000)},
        }
        received = 0

        async def receive() -> dict[str, object]:
            await asyncio.sleep(60)
            return {}

        async def slow(message: MutableMapping[str, Any]) -> None:
            nonlocal received
            received += len(message.get("body", b""))
            await asyncio.sleep(0.1)

        watching = asyncio.ensure_future(asked.app(scope, receive, slow))
        await asyncio.sleep(0.1)
        assert asked.app.large_bodies.taken.total() == 0  # type: ignore[attr-defined]
        await watching
        return received

    assert asked.run(run) == 1 << 20


def test_a_request_keeps_its_id_and_gets_one_otherwise(asked: Asked) -> None:
    own = asked.get("/livez", headers={"X-Request-ID": "trace-1"})
    assert own.headers["x-request-id"] == "trace-1"
    for wrong in ("a b", "x" * 65):
        made = asked.get("/livez", headers={"X-Request-ID": wrong}).headers["x-request-id"]
        assert len(made) == 32


def test_an_error_that_repeats_what_was_asked_is_logged_without_its_message(
    published_ops: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked = Asked(published_ops).ready()
    assert asked.service.faq

    def fail(asked: Sequence[object]) -> None:
        try:
            raise KeyError(asked[0])
        except KeyError as error:
            raise ValueError(f"cannot answer {asked}") from error

    monkeypatch.setattr(asked.service.faq.batcher, "work", fail)
    with caplog.at_level(logging.INFO):
        answer = asked.match(QUESTION)
    id = answer.headers["x-request-id"]
    assert answer.status_code == 500
    assert answer.json() == {"detail": f"it failed: the log says where, by {id}"}
    assert "4111" not in caplog.text
    (line,) = (each.getMessage() for each in caplog.records if each.levelname == "ERROR")
    assert line.startswith(f"{id} failed: ValueError at ")
    assert line.endswith(" fail")


def test_what_fails_because_something_else_took_too_long_is_an_error_and_no_deadline(
    asked: Asked, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(question: str, top: int) -> None:
        raise TimeoutError(question)

    assert asked.service.faq
    monkeypatch.setattr(asked.service.faq, "ask", fail)
    answer = asked.match(QUESTION)
    assert answer.status_code == 500
    assert answer.json()["detail"].startswith("it failed: ")
    assert " failed: TimeoutError at " in caplog.text
    assert "4111" not in caplog.text


def test_what_needs_no_key_fails_with_json_too(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: object) -> bytes:
        raise ValueError("secret")

    monkeypatch.setattr(health, "generate_latest", fail)
    answer = asked.get("/metrics")
    assert answer.status_code == 500
    assert list(answer.json()) == ["detail"]
    assert "secret" not in answer.text


def test_a_caller_who_leaves_in_the_middle_is_no_error_of_ours(
    asked: Asked, caplog: pytest.LogCaptureFixture
) -> None:
    headers = [(b"content-type", b"image/png"), (b"content-length", b"9")]
    scope = {
        **{"type": "http", "method": "POST", "path": "/v1/images/classify", "headers": headers},
        **{"query_string": b"", "scheme": "http", "server": ("test", 80)},
    }
    coming: list[MutableMapping[str, Any]] = [
        {"type": "http.request", "body": b"abc", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> MutableMapping[str, Any]:
        return coming.pop(0)

    async def send(message: MutableMapping[str, Any]) -> None:
        pass

    async def run() -> None:
        await asked.app(scope, receive, send)

    with caplog.at_level(logging.INFO, "scoring_service"):
        asyncio.run(run())
    (line,) = (each.getMessage() for each in caplog.records)
    assert json.loads(line)["status"] == 400


@pytest.mark.parametrize(
    "send",
    [
        lambda asked: asked.match(QUESTION),
        lambda asked: asked.match("", extra=QUESTION),
        lambda asked: asked.post("/v1/faq/match", content=QUESTION),
        lambda asked: asked.post(f"/score?q={QUESTION}", json={"input": 1}),
        lambda asked: asked.post(f"/v1/{QUESTION}"),
        lambda asked: asked.post(
            "/v1/images/classify", content=picture("red"), headers={"Content-Type": "image/png"}
        ),
    ],
)
def test_a_line_is_logged_and_never_a_question_or_a_picture(
    asked: Asked, send: Callable[[Asked], object], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        send(asked)
    # The client's own lines are not the service's.
    lines = [each.getMessage() for each in caplog.records if not each.name.startswith("httpx")]
    assert set(json.loads(lines[-1])) == {"request", "caller", "path", "status", "ms"}
    assert "4111" not in " ".join(lines)
    assert "PNG" not in " ".join(lines)
