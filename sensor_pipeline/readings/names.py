"""What the names of files say: when they arrived, from which hub, of which kind."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from pipeline_kit.orchestration.names import extension, is_ignored
from pipeline_kit.storage.objects import StoredObject

FOLDER: Final = "readings"
KINDS: Final = ("avro", "csv", "jsonl", "ndjson")
KEY: Final = "%Y-%m-%d-%H:%M"
"""How Dagster writes an hour."""

_DATE = re.compile(
    r"/(?:\w+=)?(\d{4})/(?:\w+=)?(\d\d)/(?:\w+=)?(\d\d)/(?:\w+=)?(\d\d)"
    r"(?:/(?:\w+=)?(\d\d))?(?:/(?:\w+=)?(\d\d))?(?=[/.])"
)


def arrival_of(name: str) -> datetime | None:
    """When a file arrived (UTC, without a zone), where the folders that it is in say so.

    As Capture has it: `.../2026/11/29/13/05/00.avro`, of which minute and second may be missing.
    """
    if not (found := _DATE.search(f"/{name}")):
        return None
    try:
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        return datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None


def hub_of(name: str) -> str:
    """The hub and its partition: what a capture's name says beside the date."""
    return _DATE.sub("", f"/{name}", count=1).removeprefix("/").removesuffix(".avro")


def is_readings(found: StoredObject) -> bool:
    """Whether a file is one of readings; others lie beside them unread."""
    return extension(found.name) in KINDS and found.size > 0 and not is_ignored(found)


def hour_of(key: str) -> datetime:
    """The beginning of the hour of a partition."""
    return datetime.strptime(key, KEY)


def key_of(hour: datetime) -> str:
    """The partition of the hour that a point in time is in."""
    return hour.strftime("%Y-%m-%d-%H:00")


def utc_now() -> datetime:
    """Without a zone, as all times are kept here."""
    return datetime.now(UTC).replace(tzinfo=None)


HOUR: Final = timedelta(hours=1)
