"""What is believed of an OpenID provider; tests/routes has people who sign in there."""

import asyncio
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import Request
from joserfc import jwt
from joserfc.jwk import OctKey

from scoring_service.signing_in import NotSignedIn, Provider
from scoring_service_tests.openid_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    OpenIdProvider,
    openid_provider,
)

BACK = "http://127.0.0.1/signin/callback"


@pytest.fixture(scope="module")
def server() -> Iterator[OpenIdProvider]:
    with openid_provider() as server:
        yield server


def request(query: str = "", session: dict[str, object] | None = None) -> Request:
    kept: dict[str, object] = {} if session is None else session
    scope = {"type": "http", "method": "GET", "path": "/signin", "headers": [], "session": kept}
    return Request({**scope, "query_string": query.encode()})


def provider(issuer: str) -> Provider:
    return Provider(issuer, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)


@pytest.mark.parametrize("ending", ["/", "/other"])
def test_who_calls_itself_otherwise_is_another(server: OpenIdProvider, ending: str) -> None:
    server.metadata["issuer"] = f"{server.issuer}{ending}"
    try:
        with pytest.raises(NotSignedIn, match="calls itself"):
            asyncio.run(provider(server.issuer).redirect(request(), back=BACK))
    finally:
        server.metadata["issuer"] = server.issuer


def test_one_that_is_away_is_named_in_one_line() -> None:
    with pytest.raises(NotSignedIn, match=r"^http://127.0.0.1:9 does not answer \(ConnectError\)$"):
        asyncio.run(provider("http://127.0.0.1:9").redirect(request(), back=BACK))


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_that_others_could_have_made_is_not_believed(
    server: OpenIdProvider, algorithm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are among those that the provider says it signs with."""
    assert algorithm in server.metadata["id_token_signing_alg_values_supported"]
    signed = jwt.encode

    def forged(header: dict[str, str], claims: dict[str, object], key: object) -> str:
        if algorithm == "none":
            parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
            return "".join(f"{urlsafe_b64encode(part).rstrip(b'=').decode()}." for part in parts)
        own = OctKey.import_key(CLIENT_SECRET.ljust(32))
        return signed({"alg": algorithm}, claims, own, algorithms=[algorithm])

    async def sign_in(session: dict[str, object]) -> str:
        here = provider(server.issuer)
        there = (await here.redirect(request(session=session), back=BACK)).headers["location"]
        asked = {name: value[0] for name, value in parse_qs(urlsplit(there).query).items()}
        query = urlsplit(server.authorize(asked)).query
        return await here.subject(request(query, session))

    assert asyncio.run(sign_in({})) == "ann"
    monkeypatch.setattr(jwt, "encode", forged)
    with pytest.raises(NotSignedIn, match="not believed"):
        asyncio.run(sign_in({}))
