"""All that a running service has."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from fastapi import FastAPI

from pipeline_kit.errors import PermanentError
from pipeline_kit.storage.store import Store
from scoring_service.classifiers import Classifiers
from scoring_service.errors import Refused
from scoring_service.faq import Faq
from scoring_service.settings import ServiceSettings
from scoring_service.styles import Styles

_LOG: Final = logging.getLogger("scoring_service")


class Service:
    """Models, loaded beside the requests that they answer.

    A part that is not set is None, and its requests get 404.
    """

    def __init__(self, settings: ServiceSettings, ops: Store) -> None:
        self.settings = settings
        self.faq = None
        if settings.faq != "none":
            self.faq = Faq(
                ops,
                settings.faq,
                pinned=settings.faq_digest,
                most=settings.batch,
                waiting=settings.queue,
            )
        self.classifiers = Classifiers(
            settings.classifier_sources,
            device=settings.device,
            waiting=settings.queue,
            megapixels=settings.megapixels,
        )
        self.styles = Styles(ops, device=settings.device) if settings.stylize else None
        self.draining = False
        self.broken = ""
        """Why it will never be ready."""

    @property
    def missing(self) -> list[str]:
        """What is not loaded yet; nothing when it is ready."""
        missing = [] if self.classifiers.is_loaded else ["classifiers"]
        if self.faq and not self.faq.published.is_loaded:
            missing.append(self.settings.faq)
        return missing

    def needed_faq(self) -> Faq:
        if self.faq is None:
            raise Refused(404, "this service answers no questions")
        return self.faq

    def needed_styles(self) -> Styles:
        if self.styles is None:
            raise Refused(404, "this service stylizes no pictures")
        return self.styles

    def poll(self) -> None:
        """Look for what was published; in a thread, beside the requests."""
        if self.faq:
            self.faq.published.poll()
        if self.styles:
            self.styles.poll()

    async def run(self) -> None:
        """Load, and then look for what is new, for as long as it runs."""
        opening = asyncio.create_task(asyncio.to_thread(self._open))
        while True:
            try:
                await asyncio.to_thread(self.poll)
            except Exception:
                _LOG.exception("the poll failed; the models stay as they are")
            await asyncio.sleep(self.settings.poll_seconds)
            if opening.done() and not self.broken:
                opening.result()

    def _open(self) -> None:
        try:
            self.classifiers.open()
        except PermanentError as error:
            self.broken = error.advice()
            _LOG.error("classifiers: %s", self.broken)

    @asynccontextmanager
    async def lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        """Runs beside the application, which must not wait for models: probes ask it meanwhile."""
        running = asyncio.create_task(self.run())
        try:
            yield
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            self.classifiers.close()
            if self.styles:
                self.styles.batcher.close()
