"""The application: routes, what every request passes, and what is answered to wrong ones."""

import logging
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp

from pipeline_kit.storage.objects import StoreError
from pipeline_kit.storage.store import Store
from scoring_service.access import RateLimit, hash_of
from scoring_service.gate import Gate
from scoring_service.routes.faq import faq_routes
from scoring_service.routes.films import film_routes
from scoring_service.routes.health import health_routes
from scoring_service.routes.held import held_routes
from scoring_service.routes.images import image_routes
from scoring_service.routes.signing_in import signing_in_routes
from scoring_service.routes.studio import studio_routes
from scoring_service.service import Service
from scoring_service.settings import ServiceSettings

ROUTES: Final = (
    *(health_routes, faq_routes, image_routes, film_routes, held_routes),
    *(signing_in_routes, studio_routes),
)
_LOG: Final = logging.getLogger("scoring_service")


def create_app(
    settings: ServiceSettings, ops: Store, media: Store | None = None
) -> tuple[ASGIApp, Service]:
    """The service as an ASGI application, and what it has; without `media`, no films."""
    service = Service(settings, ops, media)
    app = FastAPI(
        title="scoring_service",
        description="Questions of a FAQ, and pictures, scored one request at a time.",
        lifespan=service.lifespan,
        docs_url=None,  # its scripts would come from elsewhere: routes/studio.py has it
        redoc_url=None,
    )
    for routes in ROUTES:
        app.include_router(routes(service))

    if settings.oidc_issuer:
        # What is under way at the provider, and nothing else, is in this cookie.
        app.add_middleware(
            SessionMiddleware,
            secret_key=hash_of(f"signing in\n{settings.oidc_client_secret.get_secret_value()}"),
            session_cookie="studio_signing_in",
            max_age=600,
            path="/signin",
            https_only=settings.public_url.startswith("https:"),
        )

    @app.exception_handler(StoreError)
    async def no_storage(request: Request, error: StoreError) -> JSONResponse:
        """503; the log says more than whoever asked should know."""
        _LOG.warning("%s", error)
        said = "storage does not do what was asked: try again later"
        return JSONResponse({"detail": said}, 503, {"Retry-After": "5"})

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        """422, with one line of what is wrong; what was sent is not repeated."""
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            return JSONResponse({"detail": f"the body is no JSON: {first['ctx']['error']}"}, 422)
        place = ".".join(str(part) for part in first["loc"][1:]) or "body"
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if place == "body" and kind != "application/json":
            said = f"{kind or 'no type'} is not taken: send application/json"
            return JSONResponse({"detail": said}, 415)
        return JSONResponse({"detail": f"{place}: {first['msg']}"}, 422)

    @app.exception_handler(400)
    async def unreadable(request: Request, error: HTTPException) -> JSONResponse:
        """422; FastAPI says 400 of bytes that are no text, too many digits, too deep a nesting."""
        return JSONResponse({"detail": "the body is no JSON that can be read"}, 422)

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        """The gate answers and logs it: Starlette would answer with plain text before that."""
        raise error

    @app.exception_handler(ClientDisconnect)
    async def gone(request: Request, error: ClientDisconnect) -> Response:
        """Nobody reads it; it is no error of ours, as alerts would have it."""
        return Response(status_code=400)

    gate = Gate(
        app,
        access=service.access,
        limit=RateLimit(settings.requests_per_second),
        most_bytes=round(settings.megabytes * 1e6),
        seconds=settings.deadline_seconds,
        paths=sorted(app.openapi()["paths"]),
        draining=lambda: service.draining,
    )
    return gate, service
