"""Who may ask, and how often."""

import sys
from contextlib import ExitStack

import pytest

from scoring_service import access
from scoring_service.access import (
    OPEN,
    SESSION,
    Access,
    ConcurrencyLimit,
    RateLimit,
    Sessions,
    hash_of,
    key_of,
)
from scoring_service.errors import Refused

ACCESS = Access([("shop", hash_of("old")), ("shop", hash_of("new")), ("app", hash_of("other"))])


@pytest.mark.parametrize(
    ("header", "value", "name"),
    [
        (b"authorization", b"Bearer old", "shop"),
        (b"authorization", b"bearer  new", "shop"),
        (b"x-api-key", b"other", "app"),
        (b"cookie", b"theme=dark; scoring_key=new", "shop"),
        # Names that RFC 6265 forbids, of other services on this host.
        (b"cookie", b'user@host=1; a,b=2; x="; scoring_key=new', "shop"),
    ],
)
def test_every_key_of_a_name_opens(header: bytes, value: bytes, name: str) -> None:
    assert ACCESS.caller({header: value}) == name


def test_who_signed_in_is_known_until_the_session_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    sessions = Sessions("secret")
    with_people = Access(ACCESS.hashes, sessions=sessions)
    cookie = sessions.cookie_for("https://id.example.org", "ann")
    headers = {b"cookie": f"{SESSION}={cookie}".encode()}
    name = with_people.caller(headers)
    assert name.startswith("@")
    assert "ann" not in name + cookie
    # Another provider's person of that name is another.
    assert sessions.person(sessions.cookie_for("https://other.example.org", "ann")) != name
    assert with_people.caller({**headers, b"x-api-key": b"other"}) == "app"
    for other in (Access([], sessions=Sessions("another")), ACCESS):
        with pytest.raises(Refused):
            other.caller(headers)
    monkeypatch.setattr(access, "SESSION_HOURS", -1)
    with pytest.raises(Refused):
        with_people.caller(headers)


def test_only_without_keys_and_people_anybody_may_ask() -> None:
    assert Access([]).caller({}) == OPEN
    assert not ACCESS.is_open
    assert not Access([], sessions=Sessions("secret")).is_open


def test_so_many_at_once_and_then_by_the_hour() -> None:
    now = [0.0]
    limit = RateLimit(2 / 3600, at_once=2, what="videos an hour", clock=lambda: now[0])
    limit.take("ann")
    limit.take("ann")
    with pytest.raises(Refused, match="more than 2 videos an hour"):
        limit.take("ann")
    limit.take("bob")
    now[0] += 1801
    limit.take("ann")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {b"x-api-key": b"wrong"},
        {b"authorization": b"Basic old"},
        {b"cookie": b"scoring_key=wrong; ;="},
    ],
)
def test_anybody_else_is_told_how_to_ask(headers: dict[bytes, bytes]) -> None:
    with pytest.raises(Refused) as refused:
        ACCESS.caller(headers)
    assert refused.value.status_code == 401
    assert (refused.value.headers or {})["WWW-Authenticate"] == "Bearer"


def test_every_hash_is_compared_whichever_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []

    def compare(given: str, known: str) -> bool:
        compared.append(known)
        return given == known

    monkeypatch.setattr("hmac.compare_digest", compare)
    ACCESS.caller({b"x-api-key": b"old"})
    assert compared == [known for _, known in ACCESS.hashes]


def test_a_rate_is_kept_and_a_pause_allows_twice_as_much_at_once() -> None:
    now = [0.0]
    limit = RateLimit(2, clock=lambda: now[0])
    for _ in range(4):
        limit.take("shop")
    with pytest.raises(Refused) as refused:
        limit.take("shop")
    assert refused.value.status_code == 429
    assert (refused.value.headers or {})["Retry-After"] == "1"
    limit.take("app")
    now[0] = 0.5
    limit.take("shop")
    with pytest.raises(Refused):
        limit.take("shop")


def test_no_limit_is_no_limit() -> None:
    limit = RateLimit(0)
    for _ in range(10_000):
        limit.take("shop")


def test_nobody_takes_all_places_and_those_that_are_left_are_free_again() -> None:
    limit = ConcurrencyLimit(8, what="videos", wait_seconds=30)
    with ExitStack() as ann:
        for _ in range(4):
            ann.enter_context(limit.take("ann"))
        with pytest.raises(Refused) as refused, limit.take("ann"):
            pass
        assert refused.value.status_code == 429
        assert refused.value.detail == "too many videos are on their way: try again later"
        assert (refused.value.headers or {})["Retry-After"] == "30"
        with limit.take("bob"), limit.take("bob"), limit.take("cem"):
            pass
    with limit.take("ann"):
        assert limit.taken.total() == 1


def test_a_new_key_opens_by_the_hash_that_is_printed_with_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["access", "shop"])
    access.main()
    key, entry = (line.split()[-1] for line in capsys.readouterr().out.splitlines())
    name, _, known = entry.partition(":")
    assert Access([(name, known)]).caller({b"authorization": f"Bearer {key}".encode()}) == "shop"
    assert key_of({b"x-api-key": key.encode()}) == key
    monkeypatch.setattr(sys, "argv", ["access"])
    with pytest.raises(SystemExit, match="usage"):
        access.main()
