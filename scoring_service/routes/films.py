"""Films: a link for a video, how far each is, and the film itself."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from pydantic import BaseModel, Field

from pipeline_kit.storage.objects import ObjectNotFound
from scoring_service.access import OPEN
from scoring_service.dagster_server import Unreachable
from scoring_service.drops import HELD, check_drop, hold, mixtures_in, new_folder
from scoring_service.errors import Refused
from scoring_service.films import Film, Found
from scoring_service.progress import Progress
from scoring_service.service import FilmParts, Service
from scoring_service.settings import is_here

WATCH_HOURS: Final = 12
"""For which a link to a film in a container holds."""
MEDIA_HEADERS: Final = {
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class Wanted(BaseModel, strict=True):
    """A video that is to be uploaded."""

    name: Annotated[str, Field(min_length=1, max_length=200, examples=["holiday.mp4"])]
    size: Annotated[int, Field(ge=0, description="bytes", examples=[104_857_600])]
    style: Annotated[
        str,
        Field(
            max_length=100,
            description="without one the video waits until it gets one",
            examples=["starry-night"],
        ),
    ] = ""
    settings: Annotated[
        str, Field(max_length=65_536, description="its `style.toml`", examples=["strength = 0.5\n"])
    ] = ""


class Upload(BaseModel):
    """PUT the file to `url`, with `headers`; then ask for the film by its `id`."""

    id: str
    url: str
    headers: Mapping[str, str]


class FilmTold(BaseModel):
    id: str
    name: str = Field(examples=["holiday.mp4"])
    style: str
    asked: datetime
    state: str = Field(
        description="uploading, held, queued, reading, stylizing, joining, done, refused, failed, "
        "canceled, or unknown where Dagster does not answer"
    )
    chunks: int = 0
    chunks_done: int = 0
    frames: int = 0
    seconds_left: int | None = None
    reason: str = Field(default="", description="why it was refused or failed, or is not known")
    film: bool = Field(default=False, description="whether it can be watched")
    sheet: bool = Field(default=False, description="whether there is a contact sheet")


def owner_of(request: Request) -> str:
    """Whose films are asked for. Without keys, who asks is on this machine, also by the name that
    it calls the service, lest a page elsewhere gets at it through a name of its own."""
    caller = str(request.state.caller)
    client = request.client.host if request.client else ""
    forwarded = {"forwarded", "x-forwarded-for"} & set(request.headers.keys())
    here = is_here(client) and is_here(request.url.hostname or "") and not forwarded
    if caller == OPEN and not here:
        raise Refused(401, "films are for this machine alone until keys or a provider are set")
    return caller


Owner = Annotated[str, Depends(owner_of)]


def film_routes(service: Service) -> APIRouter:
    routes = APIRouter(tags=["films"])

    @routes.post("/v1/films", status_code=201, response_model=Upload)
    def ask_for_film(wanted: Wanted, owner: Owner) -> Any:
        """A link by which one video is uploaded once, with its settings beside it."""
        parts, styles = service.needed_films(), service.needed_styles()
        drop = check_drop(
            wanted.name,
            folder=new_folder(datetime.now(UTC).date()),
            style=(style := wanted.style or styles.names[0]),
            settings=wanted.settings,
            size=wanted.size,
            styles=styles.names,
            most_bytes=round(service.settings.upload_gigabytes * 1e9),
        )
        for mixture in mixtures_in(wanted.settings, style=style):
            styles.check(mixture)
        parts.limit.take(owner)
        if not wanted.style:
            parts.films.tidy()
            drop = hold(drop)
        film = parts.films.record(owner, drop)
        link = parts.uploads.link(owner, drop)
        return {"id": film.id, "url": link.url, "headers": link.headers}

    @routes.put("/uploads/{token}", status_code=201, include_in_schema=False)
    async def upload(token: str, request: Request) -> Response:
        """What such a link is to, where storage is a folder."""
        length = request.headers.get("content-length")
        size = int(length) if length and length.isdecimal() else None
        await service.needed_films().uploads.receive(token, size, request.stream())
        return Response(status_code=201)

    @routes.get("/v1/films", response_model=list[FilmTold])
    def gallery(owner: Owner) -> Any:
        """Your films, the latest first, as storage has them; on this machine without keys, all."""
        films = service.needed_films().films
        return [_told(film, films.found(film)) for film in films.of(owner)]

    @routes.get("/v1/films/{id}", response_model=FilmTold)
    def film(id: str, owner: Owner) -> Any:
        """How far a film is."""
        parts = service.needed_films()
        film = parts.films.find(owner, id)
        found = parts.films.found(film)
        progress = None if found.film or found.refused else _progress(parts, film)
        return _told(film, found, progress)

    @routes.get("/v1/films/{id}/film", response_class=Response)
    def watch(id: str, owner: Owner) -> Response:
        """The film; parts of it by `Range`. From a container, by a link to there."""
        return _media(service.needed_films(), owner, id, "film")

    @routes.get("/v1/films/{id}/sheet", response_class=Response)
    def sheet(id: str, owner: Owner) -> Response:
        """Its contact sheet, JPEG: source beside styled frames."""
        return _media(service.needed_films(), owner, id, "sheet")

    return routes


def _progress(parts: FilmParts, film: Film) -> Progress:
    if not parts.films.is_dropped(film):
        return Progress("uploading")
    if film.video.style == HELD:
        return Progress("held")
    try:
        return parts.dagster.progress(film.video.key)
    except Unreachable as error:
        return Progress("unknown", reason=str(error))


def _told(film: Film, found: Found, progress: Progress | None = None) -> dict[str, Any]:
    if progress is None:
        state = "done" if found.film else "refused" if found.refused else "unknown"
        progress = Progress(state, reason=found.refused)
    return {
        "id": film.id,
        "name": film.video.filename,
        "style": film.video.style,
        "asked": datetime.fromtimestamp(film.asked, UTC),
        "film": bool(found.film),
        "sheet": bool(found.sheet),
        **asdict(progress),
    }


def _media(parts: FilmParts, owner: str, id: str, kind: str) -> Response:
    film = parts.films.find(owner, id)
    name = getattr(parts.films.found(film), kind)
    if not name:
        raise Refused(404, f"there is no {kind} yet")
    if not parts.uploads.is_local:
        url = parts.media.download_link(name, hours=WATCH_HOURS)
        return RedirectResponse(url, 307, {"Cache-Control": "no-store"})
    try:
        parts.media.head(name)  # which follows no link out of the store
    except ObjectNotFound:
        raise Refused(404, f"there is no {kind} any more") from None
    return FileResponse(Path(parts.media.location(name)), headers=MEDIA_HEADERS)
