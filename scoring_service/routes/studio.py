"""The studio: a page that needs no build step, and a cookie for those who sign in."""

from pathlib import Path
from typing import Final

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import FileResponse, RedirectResponse

from scoring_service.access import COOKIE, key_of

FOLDER: Final = Path(__file__).parents[1] / "studio"
FILES: Final = {
    "": ("index.html", "text/html"),
    "studio.css": ("studio.css", "text/css"),
    "studio.js": ("studio.js", "text/javascript"),
}
HEADERS: Final = {
    # Its own origin alone; `blob:` are pictures that the page itself made.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self' blob:; media-src blob:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
HOURS: Final = 12


def studio_routes() -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    async def root() -> RedirectResponse:
        return RedirectResponse("/studio/")

    @routes.get("/studio/{name:path}")
    async def page(name: str) -> FileResponse:
        if name not in FILES:
            raise HTTPException(404)
        file, kind = FILES[name]
        return FileResponse(FOLDER / file, media_type=kind, headers=HEADERS)

    @routes.post("/session")
    async def sign_in(request: Request) -> Response:
        """Keep the key in a cookie that no script can read, and no other site has sent."""
        response = Response(status_code=204)
        response.set_cookie(
            COOKIE,
            key_of(dict(request.scope["headers"])),
            max_age=HOURS * 3600,
            httponly=True,
            samesite="strict",
            secure=request.url.hostname not in ("127.0.0.1", "localhost", "::1"),
        )
        return response

    return routes
