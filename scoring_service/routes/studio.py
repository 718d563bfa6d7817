"""The studio, and the documentation of all requests: pages that need no build step."""

from importlib.resources import files
from pathlib import Path
from typing import Final

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse, RedirectResponse

from scoring_service.service import Service

FOLDER: Final = Path(__file__).parents[1] / "studio"
KINDS: Final = {
    **{".html": "text/html", ".css": "text/css", ".js": "text/javascript"},
    ".svg": "image/svg+xml",
}
SWAGGER: Final = Path(str(files("fastapi_offline"))) / "static"
"""Swagger UI, which FastAPI's own page would load from elsewhere."""
FILES: Final = {
    **{file.name: file for file in FOLDER.iterdir() if file.suffix in KINDS},
    **{name: SWAGGER / name for name in ("swagger-ui-bundle.js", "swagger-ui.css")},
}


def headers(media_origin: str) -> dict[str, str]:
    """Nothing from elsewhere but from the media account; `blob:` is what the page itself made."""
    media = f" {media_origin}" if media_origin else ""
    return {
        "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
        f"connect-src 'self'{media}; img-src 'self' blob:{media}; media-src 'self' blob:{media}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-cache",
    }


def studio_routes(service: Service) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    uploads = service.film_parts.uploads if service.film_parts else None
    sent = headers(uploads.media_origin if uploads else "")

    @routes.get("/")
    async def root() -> RedirectResponse:
        return RedirectResponse("/studio/")

    @routes.get("/studio/{name:path}")
    async def page(name: str) -> FileResponse:
        file = FILES.get(name or "index.html")
        if file is None:
            raise HTTPException(404)
        return FileResponse(file, media_type=KINDS[file.suffix], headers=sent)

    @routes.get("/docs")
    async def docs() -> FileResponse:
        return await page("docs.html")

    return routes
