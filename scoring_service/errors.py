"""What callers are told when something is not done."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException


class Refused(HTTPException):
    """An answer with that status; its detail is one line that says what is wrong."""

    def __init__(
        self, status: int, detail: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, detail, headers=headers)


def too_busy(what: str, *, seconds: float = 1.0) -> Refused:
    """Come back later: 429."""
    return Refused(429, what, headers={"Retry-After": str(max(1, round(seconds + 0.49)))})


def too_large(what: str) -> Refused:
    return Refused(413, what)


def not_loaded(what: str) -> Refused:
    """503, as readiness says, too."""
    return Refused(503, f"{what} is not loaded yet", headers={"Retry-After": "5"})
