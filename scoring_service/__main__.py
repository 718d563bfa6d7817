"""`python -m scoring_service`: serves until SIGTERM, drains, and ends."""

import asyncio
import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from pipeline_kit.errors import PermanentError
from scoring_service.app import create_app
from scoring_service.service import Service
from scoring_service.settings import load_settings, media_store, ops_store


class Server(uvicorn.Server):
    """Says on SIGTERM that it is not ready, still answers for a while, and then ends.

    Load balancers send requests for some seconds after a pod began to end.
    """

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(each, self._drain)
        yield

    def _drain(self) -> None:
        if self._service.draining:  # asked twice: at once
            self.should_exit = True
            return
        self._service.draining = True
        seconds = self._service.settings.drain_seconds
        asyncio.get_running_loop().call_later(seconds, setattr, self, "should_exit", True)


def server_of(app: ASGIApp, service: Service) -> Server:
    """As it runs here and in a pod."""
    settings = service.settings
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,  # it would log queries
        server_header=False,
        log_level="info",
        timeout_graceful_shutdown=round(settings.deadline_seconds),
    )
    return Server(config, service)


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    try:
        settings, ops = load_settings(), ops_store()
        ops.location("models")  # opens it: a wrong address is said now, and not at each poll
        media = media_store() if settings.films else None
        if media:
            media.location("videos")
        app, service = create_app(settings, ops, media)
    except PermanentError as error:
        raise SystemExit(error.advice()) from None
    server_of(app, service).run()


if __name__ == "__main__":
    main()
