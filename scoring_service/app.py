"""The application: routes, what every request passes, and what is answered to wrong ones."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp

from pipeline_kit.storage.store import Store
from scoring_service.access import Access, RateLimit
from scoring_service.gate import Gate
from scoring_service.routes.faq import faq_routes
from scoring_service.routes.health import health_routes
from scoring_service.routes.images import image_routes
from scoring_service.routes.studio import studio_routes
from scoring_service.service import Service
from scoring_service.settings import ServiceSettings


def create_app(settings: ServiceSettings, ops: Store) -> tuple[ASGIApp, Service]:
    """The service as an ASGI application, and what it has."""
    service = Service(settings, ops)
    app = FastAPI(
        title="scoring_service",
        description="Questions of a FAQ, and pictures, scored one request at a time.",
        lifespan=service.lifespan,
        redoc_url=None,
    )
    routers = [
        *(health_routes(service), faq_routes(service), image_routes(service)),
        studio_routes(),
    ]
    for router in routers:
        app.include_router(router)

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

    gate = Gate(
        app,
        access=Access(settings.key_hashes),
        limit=RateLimit(settings.requests_per_second),
        most_bytes=round(settings.megabytes * 1e6),
        seconds=settings.deadline_seconds,
        paths=sorted(app.openapi()["paths"]),
    )
    return gate, service
