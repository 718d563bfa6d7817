"""Signing in: with a key, and at a real provider."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from pipeline_kit.storage.store import Store
from scoring_service.access import SESSION, hash_of
from scoring_service_tests.openid_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    OpenIdProvider,
    Person,
    openid_provider,
)
from scoring_service_tests.serving import Asked

STUDIO = "https://studio.example.org"
FAILED = "/studio/#not-signed-in"
QUESTION = {"question": "lost card"}


@pytest.fixture(scope="module")
def provider() -> Iterator[OpenIdProvider]:
    with openid_provider() as server:
        yield server


@pytest.fixture
def studio(published_ops: Store, provider: OpenIdProvider) -> Asked:
    """As it is on a server: people sign in, and a program has a key."""
    provider.person = Person()
    return Asked(
        published_ops,
        base_url=STUDIO,
        host="0.0.0.0",
        public_url=STUDIO,
        keys=f"shop:{hash_of('s3cret')}",
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
    ).ready()


async def sign_in(client: httpx.AsyncClient, **change: str) -> httpx.Response:
    """All steps that a browser takes; `change` is of what it brings back."""
    there = await client.get("/signin")
    assert there.status_code == 302
    async with httpx.AsyncClient(trust_env=False) as outside:
        back = (await outside.get(there.headers["location"])).headers["location"]
    query = {**{name: value[0] for name, value in parse_qs(urlsplit(back).query).items()}, **change}
    return await client.get("/signin/callback", params=query)


def test_a_person_signs_in_at_the_provider_and_out_again(studio: Asked) -> None:
    async def run(client: httpx.AsyncClient) -> None:
        assert (await client.post("/v1/faq/match", json=QUESTION)).status_code == 401
        there = await client.get("/signin")
        asked = parse_qs(urlsplit(there.headers["location"]).query)
        assert asked["redirect_uri"] == [f"{STUDIO}/signin/callback"]
        assert asked["scope"] == ["openid"]
        assert {"state", "nonce", "code_challenge"} <= asked.keys()
        pending = there.headers["set-cookie"].lower()
        for part in ("httponly", "secure", "path=/signin", "samesite=lax", "max-age=600"):
            assert part in pending

        back = await sign_in(client)
        assert (back.status_code, back.headers["location"]) == (303, "/studio/")
        cookie = next(
            value for value in back.headers.get_list("set-cookie") if value.startswith(SESSION)
        )
        for part in ("HttpOnly", "SameSite=strict", "Secure", "Max-Age=43200"):
            assert part in cookie
        assert "ann" not in cookie
        assert (await client.post("/v1/faq/match", json=QUESTION)).status_code == 200
        assert (await client.delete("/session")).status_code == 204
        assert (await client.post("/v1/faq/match", json=QUESTION)).status_code == 401

    studio.run(run)


@pytest.mark.parametrize(
    "person",
    [
        Person(says_no=True),
        Person(is_forged=True),
        Person(claims={"nonce": "another"}),
        Person(claims={"aud": "another client"}),
        Person(claims={"aud": ["another client"], "azp": CLIENT_ID}),
        Person(claims={"iss": "https://elsewhere.example.org"}),
        Person(claims={"exp": 1}),
    ],
    ids=lambda person: str(person.claims or ("no" if person.says_no else "forged")),
)
def test_what_a_provider_does_not_say_rightly_is_not_believed(
    studio: Asked, provider: OpenIdProvider, person: Person
) -> None:
    provider.person = person
    back = studio.run(sign_in)
    assert (back.status_code, back.headers["location"]) == (303, FAILED)
    assert not any(SESSION in cookie for cookie in back.headers.get_list("set-cookie"))


@pytest.mark.parametrize("change", [{"state": "another"}, {"code": "another"}])
def test_what_a_browser_did_not_begin_is_not_believed(
    studio: Asked, change: dict[str, str]
) -> None:
    back = studio.run(lambda client: sign_in(client, **change))
    assert (back.status_code, back.headers["location"]) == (303, FAILED)


def test_nobody_is_signed_in_by_the_way_back_of_somebody_else(studio: Asked) -> None:
    """Who is sent a link to come back by would else upload into another's account."""

    async def run(client: httpx.AsyncClient) -> None:
        there = await client.get("/signin")
        async with httpx.AsyncClient(trust_env=False) as outside:
            back = (await outside.get(there.headers["location"])).headers["location"]
        client.cookies.clear()
        victim = await client.get(back)
        assert (victim.status_code, victim.headers["location"]) == (303, FAILED)

    studio.run(run)


def test_a_cookie_that_was_made_by_no_service_opens_nothing(studio: Asked) -> None:
    async def run(client: httpx.AsyncClient) -> None:
        await sign_in(client)
        good = client.cookies[SESSION]
        for forged in ("", "x", good[:-2], f"{good[:-2]}xx", "@ann", f"A{good}"):
            headers = {"Cookie": f"{SESSION}={forged}"}
            client.cookies.clear()
            answer = await client.post("/v1/faq/match", json=QUESTION, headers=headers)
            assert answer.status_code == 401

    studio.run(run)


def test_a_provider_that_is_away_or_calls_itself_otherwise_signs_nobody_in(
    published_ops: Store, provider: OpenIdProvider
) -> None:
    def asked(issuer: str) -> httpx.Response:
        settings: dict[str, Any] = {"oidc_client_id": CLIENT_ID, "oidc_client_secret": "x"}
        return Asked(published_ops, oidc_issuer=issuer, **settings).get("/signin")

    for issuer in ("http://127.0.0.1:9", f"{provider.issuer}/"):
        answer = asked(issuer)
        assert (answer.status_code, answer.headers["location"]) == (303, FAILED)


def test_the_page_is_told_how_one_signs_in(studio: Asked, asked: Asked) -> None:
    assert studio.get("/signin/ways").json() == {"open": False, "key": True, "provider": True}
    assert asked.get("/signin/ways").json() == {"open": True, "key": False, "provider": False}
    assert asked.get("/signin").status_code == asked.get("/signin/callback").status_code == 404


def test_a_key_becomes_a_cookie_that_no_script_reads(studio: Asked) -> None:
    assert studio.post("/session").status_code == 401
    answer = studio.post("/session", headers={"Authorization": "Bearer s3cret"})
    assert answer.status_code == 204
    cookie = answer.headers["set-cookie"]
    for part in ("HttpOnly", "SameSite=strict", "Secure"):
        assert part in cookie
    headers = {"Cookie": cookie.partition(";")[0]}
    assert studio.post("/v1/faq/match", json=QUESTION, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example.org"},
        {"Origin": "null"},
    ],
)
def test_the_page_of_another_site_changes_nothing(studio: Asked, headers: dict[str, str]) -> None:
    given = {"X-API-Key": "s3cret", **headers}
    answer = studio.post("/v1/faq/match", json=QUESTION, headers=given)
    assert answer.status_code == 403
    own = {"X-API-Key": "s3cret", "Sec-Fetch-Site": "same-origin", "Origin": STUDIO}
    assert studio.post("/v1/faq/match", json=QUESTION, headers=own).status_code == 200


def test_several_pods_know_one_session(studio: Asked, published_ops: Store) -> None:
    cookies: dict[str, str] = {}

    async def first(client: httpx.AsyncClient) -> None:
        await sign_in(client)
        cookies[SESSION] = client.cookies[SESSION]

    studio.run(first)
    other = Asked(published_ops, **studio.settings.model_dump()).ready()
    headers = {"Cookie": f"{SESSION}={cookies[SESSION]}"}
    assert other.post("/v1/faq/match", json=QUESTION, headers=headers).status_code == 200
    secret = {**studio.settings.model_dump(), "oidc_client_secret": "another"}
    foreign = Asked(published_ops, **secret).ready()
    assert foreign.post("/v1/faq/match", json=QUESTION, headers=headers).status_code == 401
