"""Whether it lives, whether it is ready, what it is, and what Prometheus is told."""

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from scoring_service.errors import Refused
from scoring_service.metrics import REGISTRY
from scoring_service.service import Service


def health_routes(service: Service) -> APIRouter:
    routes = APIRouter(tags=["operation"])

    @routes.get("/livez")
    async def livez() -> dict[str, str]:
        """Whether the process answers; a classifier that can never be had ends this."""
        if service.broken:
            raise Refused(503, service.broken)
        return {"status": "alive"}

    @routes.get("/readyz")
    async def readyz() -> dict[str, str]:
        """Whether requests should be sent here: everything is loaded, and it is not ending."""
        if service.draining:
            raise Refused(503, "it is ending")
        if missing := service.missing:
            raise Refused(503, f"not loaded yet: {', '.join(missing)}")
        return {"status": "ready"}

    @routes.get("/version")
    async def told_version() -> dict[str, Any]:
        """The version of the service, and which models answer."""
        faq = service.faq.published if service.faq else None
        return {
            "version": version("style_pipeline"),
            "faq": {"name": faq.name, "model": faq.digest} if faq else None,
            "classifiers": dict(service.classifiers.sources),
            "styles": service.styles.names if service.styles else [],
        }

    @routes.get("/metrics")
    async def metrics() -> Response:
        """For Prometheus."""
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return routes
