"""Who may ask, and how often. `python -m scoring_service.access NAME` makes a key."""

import hmac
import secrets
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import cookie_parser

from scoring_service.errors import Refused, too_busy

COOKIE = "scoring_key"
SESSION = "studio_session"
"""Cookies: a key that was given to the page, and who signed in elsewhere."""
SESSION_HOURS = 12
OPEN = "*"
"""What callers are called where nobody needs to sign in: no key has that name."""


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
    return _cookie(headers, COOKIE)


def _cookie(headers: Mapping[bytes, bytes], name: str) -> str:
    # As browsers read it: other services on this host may set cookies that RFC 6265 forbids.
    return cookie_parser(headers.get(b"cookie", b"").decode("latin-1")).get(name, "")


class Sessions:
    """Who signed in elsewhere, in a signed cookie, so that any pod of a service knows them."""

    def __init__(self, secret: str) -> None:
        self._signer = URLSafeTimedSerializer(secret, salt=SESSION)

    def cookie_for(self, issuer: str, subject: str) -> str:
        """Of the person whom the provider `issuer` calls `subject`."""
        digest = sha256(f"{issuer}\n{subject}".encode()).hexdigest()
        # No key can have such a name, and it says nothing of the person.
        return str(self._signer.dumps(f"@{digest[:32]}"))

    def person(self, cookie: str) -> str:
        """Their name here, or nothing where it is forged, too old, or not there."""
        try:
            return str(self._signer.loads(cookie, max_age=SESSION_HOURS * 3600))
        except BadSignature:
            return ""


class Access:
    """Keys by their hashes, several for one name, so that they can be replaced one by one."""

    def __init__(
        self, hashes: Sequence[tuple[str, str]], *, sessions: Sessions | None = None
    ) -> None:
        """With `sessions`, people may sign in as well."""
        self.hashes, self.sessions = hashes, sessions

    @property
    def is_open(self) -> bool:
        """Whether anybody may ask, as on this machine."""
        return not (self.hashes or self.sessions)

    def caller(self, headers: Mapping[bytes, bytes]) -> str:
        """The name of who asks. Raises `Refused` with 401.

        All hashes are compared, each in constant time: how long it takes tells nothing.
        """
        if self.is_open:
            return OPEN
        given, found = hash_of(key_of(headers)), ""
        for name, known in self.hashes:
            if hmac.compare_digest(given, known):
                found = name
        if not found and self.sessions:
            found = self.sessions.person(_cookie(headers, SESSION))
        if not found:
            raise Refused(
                401,
                "sign in, or send a key: Authorization: Bearer KEY",
                headers={"WWW-Authenticate": "Bearer"},
            )
        return found


class RateLimit:
    """So many requests a second for each name, and `at_once` after a pause: twice as many, unless
    it is given."""

    def __init__(
        self,
        per_second: float,
        *,
        at_once: float = 0,
        what: str = "requests a second",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.per_second, self.clock = per_second, clock
        self.at_once = at_once or max(1.0, 2 * per_second)
        self._said = f"more than {at_once or per_second:g} {what}"
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, name: str) -> None:
        """Raises `Refused` with 429, and after how many seconds to come back."""
        if not self.per_second:
            return
        now, most = self.clock(), self.at_once
        left, at = self._left.get(name, (most, now))
        left = min(most, left + (now - at) * self.per_second)
        if left < 1:
            self._left[name] = left, now
            wait = (1 - left) / self.per_second
            raise too_busy(self._said, seconds=wait)
        self._left[name] = left - 1, now


class ConcurrencyLimit:
    """So many at once. A name may have as many as are still free: half of them where it is the only
    one, so that it never has the last."""

    def __init__(self, most: int, *, what: str, wait_seconds: float = 1.0) -> None:
        self.most, self._said, self._wait = most, f"too many {what} are on their way", wait_seconds
        self.taken = Counter[str]()

    @contextmanager
    def take(self, name: str) -> Iterator[None]:
        """Raises `Refused` with 429 where that name may have no other."""
        if self.taken[name] >= self.most - self.taken.total():
            raise too_busy(f"{self._said}: try again later", seconds=self._wait)
        self.taken[name] += 1
        try:
            yield
        finally:
            self.taken[name] -= 1


def main() -> None:
    """Print a new key, for the caller, and what the setting has of it."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m scoring_service.access NAME")
    key = secrets.token_urlsafe(32)
    print(f"key, for the caller:            {key}")
    print(f"for SCORING_SERVICE_KEYS:       {sys.argv[1]}:{hash_of(key)}")


if __name__ == "__main__":
    main()
