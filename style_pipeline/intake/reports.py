"""What the person who dropped a file reads where it was not taken: a report beside the media."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from urllib.parse import quote

from pipeline_kit.orchestration.names import unfit_for_a_key
from style_pipeline.intake.names import video_key

FOLDER = "rejected"
_SHOWN = 80  # characters of a name that is unfit for another object's


def report_name(name: str) -> str:
    """Where the report on the dropped object `name` is: `rejected/<style>/<clip>.json`.

    A name that is unfit is escaped and shortened, and made unique by a hash.
    """
    key = video_key(name)
    if unfit_for_a_key(key) is None:
        return f"{FOLDER}/{key}.json"
    style, _, clip = key.partition("/")
    folder = f"{FOLDER}/{style}" if clip and unfit_for_a_key(style) is None else FOLDER
    digest = blake2b(name.encode(errors="surrogatepass"), digest_size=8).hexdigest()
    shown = quote(clip or style, safe="", errors="replace")[:_SHOWN]
    return f"{folder}/{shown}-{digest}.json"


def report(name: str, reason: str, *, at: datetime, stopped_by: str = "") -> bytes:
    """JSON that says which file was not taken, why, and when that was found; and by the kind of
    which file it was stopped, where the fault is not its own."""
    said = {"file": name, "reason": reason, "time": at.isoformat(timespec="seconds")}
    if stopped_by:
        said["stopped_by"] = stopped_by
    return json.dumps(said, indent=2, ensure_ascii=False).encode(errors="replace") + b"\n"


@dataclass(frozen=True)
class Rejected:
    """What a report says."""

    file: str
    reason: str
    time: datetime
    stopped_by: str = ""
    """`style.toml`, where that is at fault: once it changes, the video starts by itself."""

    @property
    def key(self) -> str:
        """What a person calls it: its place below `videos/`, where it is there."""
        return video_key(self.file)


def read_report(data: bytes) -> Rejected:
    """What `report` wrote. Raises `ValueError`."""
    said = json.loads(data)
    try:
        time = datetime.fromisoformat(said["time"]).astimezone()
        stopped_by = str(said.get("stopped_by", ""))
        return Rejected(str(said["file"]), str(said["reason"]), time, stopped_by)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"it is no report: {error}") from error


def out_of_date(reports: Iterable[str], there: Iterable[str], started: Iterable[str]) -> list[str]:
    """Reports on files that are gone, or of which another version was started."""
    kept = {report_name(name) for name in there} - {report_name(name) for name in started}
    return sorted(set(reports) - kept)
