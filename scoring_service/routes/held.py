"""Videos that no browser shows: uploaded first, seen by a frame, and then given a style."""

import asyncio
import io
from pathlib import Path
from threading import Lock
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from pipeline_kit.errors import PermanentError
from pipeline_kit.machine.scratch import scratch
from scoring_service.drops import HELD, check_drop, mixtures_in
from scoring_service.errors import Refused, too_busy
from scoring_service.films import Film
from scoring_service.routes.films import MEDIA_HEADERS, Owner
from scoring_service.service import FilmParts, Service
from style_pipeline.media.telling import telling_picture

QUALITY: Final = 92
SECONDS: Final = 300.0
"""For a request: 5 GB are fetched at 30 MB a second, and read for two minutes. Browsers wait no
longer."""


class Chosen(BaseModel, strict=True):
    """What a film is to look like."""

    style: Annotated[str, Field(min_length=1, max_length=100, examples=["starry-night"])]
    settings: Annotated[str, Field(max_length=65_536, description="its `style.toml`")] = ""


class Started(BaseModel):
    """What the film is called from now on."""

    id: str


async def takes_longer(request: Request) -> None:
    """A video is large: it is fetched from a container, and moved there."""
    deadline, until = request.state.deadline, asyncio.get_running_loop().time() + SECONDS
    deadline.reschedule(max(deadline.when(), until))


def held_routes(service: Service) -> APIRouter:
    routes = APIRouter(tags=["films"], dependencies=[Depends(takes_longer)])
    reading = Lock()

    @routes.get("/v1/films/{id}/frame", response_class=Response)
    def frame(id: str, owner: Owner) -> Response:
        """Its most telling picture, JPEG; one at a time, in a process with limits."""
        parts = service.needed_films()
        film = _held(parts, owner, id)
        if not reading.acquire(blocking=False):
            raise too_busy("another video is being read: try again in a moment")
        try:
            data = _frame(parts, film)
        except PermanentError as error:
            raise Refused(422, error.advice()) from None
        finally:
            reading.release()
        return Response(data, media_type="image/jpeg", headers=MEDIA_HEADERS)

    @routes.post("/v1/films/{id}/style", response_model=Started)
    def start(id: str, chosen: Chosen, owner: Owner) -> Any:
        """Have the film made of a video that waits."""
        parts, styles = service.needed_films(), service.needed_styles()
        film = _held(parts, owner, id)
        drop = check_drop(
            film.video.filename,
            folder=film.video.key.split("/")[1],
            style=chosen.style,
            settings=chosen.settings,
            size=parts.media.head(film.video.source).size,
            styles=styles.names,
            most_bytes=round(service.settings.upload_gigabytes * 1e9),
        )
        for mixture in mixtures_in(chosen.settings, style=chosen.style):
            styles.check(mixture)
        return {"id": parts.films.start(owner, film, drop).id}

    return routes


def _held(parts: FilmParts, owner: str, id: str) -> Film:
    film = parts.films.find(owner, id)
    if film.video.style != HELD or not parts.films.is_dropped(film):
        raise Refused(409, "its video does not wait for a style")
    return film


def _frame(parts: FilmParts, film: Film) -> bytes:
    with scratch() as folder:
        file = Path(parts.media.location(film.video.source))
        if not parts.uploads.is_local:
            file = folder / film.video.filename
            parts.media.download(film.video.source, file)
        buffer = io.BytesIO()
        telling_picture(file).save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()
