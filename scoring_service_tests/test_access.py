"""Who may ask, and how often."""

import sys

import pytest

from scoring_service import access
from scoring_service.access import Access, RateLimit, hash_of, key_of
from scoring_service.errors import Refused

ACCESS = Access([("shop", hash_of("old")), ("shop", hash_of("new")), ("app", hash_of("other"))])


@pytest.mark.parametrize(
    ("header", "value", "name"),
    [
        (b"authorization", b"Bearer old", "shop"),
        (b"authorization", b"bearer  new", "shop"),
        (b"x-api-key", b"other", "app"),
        (b"cookie", b"theme=dark; scoring_key=new", "shop"),
    ],
)
def test_every_key_of_a_name_opens(header: bytes, value: bytes, name: str) -> None:
    assert ACCESS.caller({header: value}) == name


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
