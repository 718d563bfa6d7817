"""Which files of a listing are new: decisions only, without side effects."""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import count

from pipeline_kit.storage.objects import StoredObject

_VERSION = 2
_ENTRY_BYTES = 6  # of ten million files, one in a million has the fingerprint of another
_SEEN, _TAKEN, _JUDGED = "seen", "taken", "judged"

WAITS = "waits: "
"""Begins the reason of a file that is started automatically once it can be."""
VERDICTS_AN_HOUR = 6
TOO_OFTEN = (
    f"{WAITS}it was uploaded more than {VERDICTS_AN_HOUR} times within the hour: "
    "the version that is there in the next one is taken then"
)

Ledger = frozenset[bytes]
"""What is there now and what became of it: a `fingerprint` of each object and verdict."""


@dataclass(frozen=True)
class Rejection:
    """A dropped file that cannot be started, or not yet, and what a person can do about it."""

    name: str
    reason: str

    @property
    def waits(self) -> bool:
        """Whether it is started automatically once it can be."""
        return self.reason.startswith(WAITS)

    def __str__(self) -> str:
        return f"{self.name}{'' if self.waits else ' is not taken:'} {self.reason}"


@dataclass(frozen=True)
class Intake:
    """What one poll of the dropped files leads to."""

    start: tuple[StoredObject, ...]
    rejected: tuple[Rejection, ...]
    ledger: Ledger


def sift(
    listing: Iterable[StoredObject],
    ledger: Ledger,
    *,
    refusal: Callable[[StoredObject], str | None],
    limit: int,
    hour: int,
    generation: Callable[[StoredObject], str] = lambda _: "",
) -> Intake:
    """Files to start and files to reject, by comparing a listing with the ledger.

    A version of an object (an ETag) is judged once two listings in a row show it, so that a file
    still being copied and a blob still being appended to wait. It is started once for
    each `generation` of what is made of it, or rejected once for each reason that `refusal` gives;
    once started it is not judged again. At most
    `limit` are started and at most `limit` rejected; the others stay as they are in the ledger,
    and follow. So does a name that was judged `VERDICTS_AN_HOUR` times in the hour, of which `hour`
    is the number. What is gone leaves the ledger.
    """
    start: list[StoredObject] = []
    rejected: list[Rejection] = []
    entries: set[bytes] = set()
    for found in sorted(listing, key=lambda found: found.name):
        seen = fingerprint(found.name, found.etag, _SEEN)
        taken = _taken(found, generation(found))
        *judged, next_one = _judged(found.name, hour, ledger)
        entries |= set(judged)
        if taken in ledger:
            entries.add(taken)
            continue
        reason = refusal(found) or (None if found.size else "it is empty: upload it again")
        verdict = fingerprint(found.name, found.etag, reason) if reason else taken
        if verdict not in ledger:
            too_often = len(judged) >= VERDICTS_AN_HOUR
            full = len(rejected if reason or too_often else start) == limit
            if seen not in ledger or full or len(judged) > VERDICTS_AN_HOUR:
                verdict = seen
            else:
                entries.add(next_one)
                if too_often:
                    verdict, reason = seen, TOO_OFTEN
                if reason:
                    rejected.append(Rejection(name=found.name, reason=reason))
                else:
                    start.append(found)
        entries.add(verdict)
    return Intake(start=tuple(start), rejected=tuple(rejected), ledger=frozenset(entries))


def _judged(name: str, hour: int, ledger: Ledger) -> Iterator[bytes]:
    """A fingerprint of each verdict on a name within this hour, and the next one."""
    for number in count():
        yield (verdict := fingerprint(name, _JUDGED, str(hour), str(number)))
        if verdict not in ledger:
            return


def is_taken(found: StoredObject, ledger: Ledger) -> bool:
    """Whether this version of an object was started."""
    return _taken(found) in ledger


def taken_among(files: Iterable[StoredObject], ledger: Ledger) -> Ledger:
    """Entries of those of the files that were started: what is to stay though they are not
    listed."""
    return frozenset(map(_taken, files)) & ledger


def _taken(found: StoredObject, generation: str = "") -> bytes:
    return fingerprint(found.name, found.etag, _TAKEN, *filter(None, [generation]))


def fingerprint(*words: str) -> bytes:
    """An entry of the ledger."""
    return blake2b(json.dumps(words).encode(), digest_size=_ENTRY_BYTES).digest()


def load(cursor: str | None) -> Ledger:
    """The ledger that `dump` wrote.

    One that cannot be read counts as empty: run keys keep Dagster from running anything twice.
    """
    try:
        content = json.loads(cursor or "")
        data = base64.b64decode(content["ledger"]) if content["version"] == _VERSION else b""
    except (ValueError, KeyError, TypeError):
        return frozenset()
    return frozenset(data[i : i + _ENTRY_BYTES] for i in range(0, len(data), _ENTRY_BYTES))


def dump(ledger: Ledger) -> str:
    """The ledger as JSON, 8 characters an entry: Dagster keeps a copy with every tick."""
    data = base64.b64encode(b"".join(sorted(ledger))).decode()
    return json.dumps({"version": _VERSION, "ledger": data}, separators=(",", ":"))
