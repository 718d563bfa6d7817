"""Signing in: at an OpenID provider, or with a key; kept in cookies that no script can read."""

import logging
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from scoring_service.access import COOKIE, OPEN, SESSION, SESSION_HOURS, key_of
from scoring_service.errors import Refused
from scoring_service.service import Service
from scoring_service.settings import is_here
from scoring_service.signing_in import NotSignedIn

_LOG: Final = logging.getLogger("scoring_service")
CALLBACK: Final = "/signin/callback"


def signing_in_routes(service: Service) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    access, provider = service.access, service.provider

    @routes.get("/signin/ways")
    async def ways() -> dict[str, bool]:
        """What the page offers."""
        return {
            "open": access.is_open,
            "key": bool(access.hashes),
            "provider": provider is not None,
        }

    @routes.get("/signin")
    async def sign_in(request: Request) -> Response:
        if provider is None:
            raise Refused(404, "nobody signs in here but with a key")
        base = service.settings.public_url or str(request.base_url)
        try:
            return await provider.redirect(request, back=f"{base.rstrip('/')}{CALLBACK}")
        except NotSignedIn as error:
            return _failed(error)

    @routes.get(CALLBACK)
    async def callback(request: Request) -> Response:
        if provider is None or access.sessions is None:
            raise Refused(404, "nobody signs in here but with a key")
        try:
            subject = await provider.subject(request)
        except NotSignedIn as error:
            return _failed(error)
        finally:
            request.session.clear()
        response = RedirectResponse("/studio/", 303)
        _keep(response, request, SESSION, access.sessions.cookie_for(provider.issuer, subject))
        return response

    @routes.post("/session")
    async def keep_key(request: Request) -> Response:
        """Keep the key that the request brings."""
        response = Response(status_code=204)
        if request.state.caller != OPEN:
            _keep(response, request, COOKIE, key_of(dict(request.scope["headers"])))
        return response

    @routes.delete("/session")
    async def sign_out() -> Response:
        response = Response(status_code=204)
        for name in (COOKIE, SESSION):
            response.delete_cookie(name, httponly=True, samesite="strict")
        return response

    return routes


def _keep(response: Response, request: Request, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=SESSION_HOURS * 3600,
        httponly=True,
        samesite="strict",
        secure=not is_here(request.url.hostname or ""),
    )


def _failed(error: NotSignedIn) -> Response:
    """Back to the page, which says so; the log says why."""
    _LOG.warning("nobody signed in: %s", error)
    return RedirectResponse("/studio/#not-signed-in", 303)
