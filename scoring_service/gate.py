"""What every request passes: its id, its caller, its limits, and a line in the log."""

import asyncio
import json
import logging
import re
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Final
from uuid import uuid4

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scoring_service.access import Access, ConcurrencyLimit, RateLimit
from scoring_service.errors import Refused, too_large
from scoring_service.metrics import REQUESTS, SECONDS

SCORING: Final = ("/v1/", "/score", "/session")
"""What begins so needs a key, and has limits."""
SMALL: Final = 65_536
"""Bytes of a body, up to which requests are not counted."""
LARGE_BODIES: Final = 64
"""That may be in memory at once: half a gigabyte, at 8 MB each."""
_ID: Final = re.compile(rb"[\w.-]{1,64}")
_LOG: Final = logging.getLogger("scoring_service")


class Gate:
    """An ASGI middleware around the whole service.

    Logs have the path, the caller's name, the status and the time; never a question, a picture, a
    query or a key.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        access: Access,
        limit: RateLimit,
        most_bytes: int,
        seconds: float,
        paths: Sequence[str],
        draining: Callable[[], bool],
    ) -> None:
        self.app, self.access, self.limit, self.draining = app, access, limit, draining
        self.large_bodies = ConcurrencyLimit(LARGE_BODIES, what="pictures")
        self.most_bytes, self.seconds, self.paths = most_bytes, seconds, frozenset(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status, caller = time.perf_counter(), 0, "-"
        headers = dict(scope["headers"])
        own = headers.get(b"x-request-id", b"")
        request_id = own if _ID.fullmatch(own) else uuid4().hex.encode()
        deadline = asyncio.timeout(self.seconds)

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                added = [(b"x-request-id", request_id)]
                if self.draining():
                    # Or the caller's next request comes by this connection, just as it is closed.
                    added.append((b"connection", b"close"))
                message["headers"] = [*message["headers"], *added]
            await send(message)

        try:
            if not scope["path"].startswith(SCORING):
                await self.app(scope, receive, answer)
                return
            check_origin(scope["method"], headers)
            caller = self.access.caller(headers)
            scope.setdefault("state", {}).update(caller=caller, deadline=deadline)
            self.limit.take(caller)
            if int(headers.get(b"content-length", b"0")) > self.most_bytes:
                raise self._too_large()
            with ExitStack() as held:
                async with deadline:

                    async def in_time(message: Message) -> None:
                        deadline.reschedule(None)  # once it begins: a film is watched for longer
                        await answer(message)

                    await self.app(scope, self._limited(receive, caller, held), in_time)
        except Refused as error:
            await refuse(answer, error)
        except Exception as error:
            said = Refused(504, "not answered before the deadline")
            if not (isinstance(error, TimeoutError) and deadline.expired()):
                id = request_id.decode()
                _LOG.error("%s failed: %s", id, origin_of(error))
                said = Refused(500, f"it failed: the log says where, by {id}")
            if not status:
                await refuse(answer, said)
        finally:
            self._note(scope, request_id, caller, status, time.perf_counter() - began)

    def _limited(self, receive: Receive, caller: str, held: ExitStack) -> Receive:
        """Bodies are counted as they come, whatever length they are said to have: a slow one is no
        large one before it is."""
        size = 0

        async def limited() -> Message:
            nonlocal size
            message, before = await receive(), size
            size += len(message.get("body", b""))
            if before <= SMALL < size:
                held.enter_context(self.large_bodies.take(caller))
            if size > self.most_bytes:
                raise self._too_large()
            return message

        return limited

    def _too_large(self) -> Refused:
        return too_large(f"the body has more than {self.most_bytes / 1e6:g} MB")

    def _note(
        self, scope: Scope, request_id: bytes, caller: str, status: int, seconds: float
    ) -> None:
        # A path that is not ours would make a series of its own for each that somebody tries; of
        # others, names and links are left out.
        route = getattr(scope.get("route"), "path", "other")
        path = scope["path"] if scope["path"] in self.paths else route
        REQUESTS.labels(path, str(status)).inc()
        SECONDS.labels(path).observe(seconds)
        if scope["path"].startswith(SCORING):
            _LOG.info(
                json.dumps(
                    {
                        "request": request_id.decode(),
                        "caller": caller,
                        "path": path,
                        "status": status,
                        "ms": round(1e3 * seconds, 2),
                    }
                )
            )


def check_origin(method: str, headers: Mapping[bytes, bytes]) -> None:
    """Raises `Refused` where the page of another site has a browser change something here.

    Browsers say so themselves; programs send neither header.
    """
    if method in ("GET", "HEAD", "OPTIONS"):
        return
    site, origin = headers.get(b"sec-fetch-site", b""), headers.get(b"origin", b"")
    host = headers.get(b"host", b"")
    if site not in (b"", b"same-origin", b"none") or (origin and origin.split(b"//")[-1] != host):
        raise Refused(403, "it was asked for by the page of another site")


def origin_of(error: Exception) -> str:
    """What kind of error it is, and the calls that led to it, without its message: that may repeat
    what was asked."""
    calls = traceback.extract_tb(error.__traceback__)
    places = " > ".join(f"{call.filename}:{call.lineno} {call.name}" for call in calls)
    return f"{type(error).__name__} at {places}"


async def refuse(send: Send, error: Refused) -> None:
    """The answer that an error is."""
    body = json.dumps({"detail": error.detail}).encode()
    headers = [
        (name.lower().encode(), value.encode()) for name, value in (error.headers or {}).items()
    ]
    headers += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": error.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": body})
