"""Who may ask, and how often. `python -m scoring_service.access NAME` makes a key."""

import hmac
import secrets
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from http.cookies import SimpleCookie

from scoring_service.errors import Refused, too_busy

COOKIE = "scoring_key"
OPEN = "anyone"
"""What callers are called where no key is needed."""


def hash_of(key: str) -> str:
    """What the setting has of a key. Keys are long and random: no salt is needed."""
    return sha256(key.encode()).hexdigest()


def key_of(headers: Mapping[bytes, bytes]) -> str:
    """The key of a request, from `Authorization: Bearer`, `X-API-Key`, or the studio's cookie."""
    bearer = headers.get(b"authorization", b"")
    if bearer[:7].lower() == b"bearer ":
        return bearer[7:].strip().decode("latin-1")
    if own := headers.get(b"x-api-key", b"").strip():
        return own.decode("latin-1")
    morsel = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1")).get(COOKIE)
    return morsel.value if morsel else ""


class Access:
    """Keys by their hashes, several for one name, so that they can be replaced one by one."""

    def __init__(self, hashes: Sequence[tuple[str, str]]) -> None:
        self.hashes = hashes

    def caller(self, headers: Mapping[bytes, bytes]) -> str:
        """The name of who asks. Raises `Refused` with 401.

        All hashes are compared, each in constant time: how long it takes tells nothing.
        """
        if not self.hashes:
            return OPEN
        given, found = hash_of(key_of(headers)), ""
        for name, known in self.hashes:
            if hmac.compare_digest(given, known):
                found = name
        if not found:
            raise Refused(
                401,
                "a key is needed: Authorization: Bearer KEY",
                headers={"WWW-Authenticate": "Bearer"},
            )
        return found


class RateLimit:
    """So many requests a second for each name, and twice as many at once after a pause."""

    def __init__(self, per_second: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_second, self.clock = per_second, clock
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, name: str) -> None:
        """Raises `Refused` with 429, and after how many seconds to come back."""
        if not self.per_second:
            return
        now, most = self.clock(), max(1.0, 2 * self.per_second)
        left, at = self._left.get(name, (most, now))
        left = min(most, left + (now - at) * self.per_second)
        if left < 1:
            self._left[name] = left, now
            wait = (1 - left) / self.per_second
            raise too_busy(f"more than {self.per_second:g} requests a second", seconds=wait)
        self._left[name] = left - 1, now


def main() -> None:
    """Print a new key, for the caller, and what the setting has of it."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m scoring_service.access NAME")
    key = secrets.token_urlsafe(32)
    print(f"key, for the caller:            {key}")
    print(f"for SCORING_SERVICE_KEYS:       {sys.argv[1]}:{hash_of(key)}")


if __name__ == "__main__":
    main()
