"""All that a running service has."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI

from pipeline_kit.errors import PermanentError
from pipeline_kit.storage.store import Store
from scoring_service.access import Access, RateLimit, Sessions, hash_of
from scoring_service.classifiers import Classifiers
from scoring_service.dagster_server import DagsterServer
from scoring_service.errors import Refused
from scoring_service.faq import Faq
from scoring_service.films import Films
from scoring_service.settings import ServiceSettings
from scoring_service.signing_in import Provider
from scoring_service.styles import Styles
from scoring_service.uploads import Uploads

_LOG: Final = logging.getLogger("scoring_service")


@dataclass(frozen=True)
class FilmParts:
    """What films are asked for with."""

    media: Store
    films: Films
    uploads: Uploads
    dagster: DagsterServer
    limit: RateLimit
    """Of links, for each caller."""


class Service:
    """Models, loaded beside the requests that they answer.

    A part that is not set is None, and its requests get 404.
    """

    def __init__(self, settings: ServiceSettings, ops: Store, media: Store | None = None) -> None:
        """Without `media` there are no films."""
        self.settings = settings
        self.provider, sessions = None, None
        if settings.oidc_issuer:
            secret = settings.oidc_client_secret.get_secret_value()
            self.provider = Provider(
                settings.oidc_issuer, client_id=settings.oidc_client_id, client_secret=secret
            )
            sessions = Sessions(hash_of(f"sessions\n{secret}"))
        self.access = Access(settings.key_hashes, sessions=sessions)
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
        self.styles = None
        if settings.stylize:
            most = min(settings.megapixels, settings.stylize_megapixels)
            self.styles = Styles(ops, device=settings.device, megapixels=most)
        self.film_parts = _film_parts(settings, ops, media) if media else None
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

    def needed_films(self) -> FilmParts:
        if self.film_parts is None:
            raise Refused(404, "this service takes no videos")
        return self.film_parts

    def poll(self) -> None:
        """Poll for what was published; in a thread, beside the requests."""
        if self.faq and self.faq.published.poll():
            _settle()
        if self.styles:
            self.styles.poll()

    async def run(self) -> None:
        """Load, and poll for what is new, for as long as it runs."""
        await asyncio.gather(asyncio.to_thread(self._open), self._keep_polling())

    async def _keep_polling(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self.poll)
            except Exception:
                _LOG.exception("the poll failed; the models stay as they are")
            await asyncio.sleep(self.settings.poll_seconds)

    def _open(self) -> None:
        try:
            self.classifiers.open()
        except PermanentError as error:
            self.broken = error.advice()
            _LOG.error("classifiers: %s", self.broken)
        except Exception:
            # Liveness has to end what will never be ready.
            self.broken = "a classifier could not be opened: the log says why"
            _LOG.exception("classifiers")
        _settle()

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
            if self.film_parts:
                self.film_parts.dagster.close()


def _settle() -> None:
    """Take what was loaded out of the search for garbage, and what it replaced out of memory.

    Models and libraries have a great many objects, which stay: looking through all of them held
    requests up for some 100 ms, again and again.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _film_parts(settings: ServiceSettings, ops: Store, media: Store) -> FilmParts:
    links = settings.links_per_hour
    limit = RateLimit(links / 3600, at_once=max(1.0, links), what="videos an hour")
    return FilmParts(
        media, Films(media, ops), Uploads(media), DagsterServer(settings.dagster_url), limit
    )
