"""Where the objects of an hour, a shard and a file are kept."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final

from sensor_pipeline.readings.names import hour_of

WORK: Final = "sensors"
"""The folder of all that lies in the ops store."""
ASIDE, SORTED, HOURS = f"{WORK}/aside", f"{WORK}/sorted", f"{WORK}/hours"
INCOMPLETE: Final = f"{WORK}/incomplete"
DETECTORS: Final = f"{WORK}/detectors"
ANOMALIES: Final = "anomalies"
"""The folder of what comes out, in the media store."""
_FORM: Final = "%Y-%m-%dT%H"


@dataclass(frozen=True)
class Hour:
    """An hour's partition."""

    key: str

    @property
    def name(self) -> str:
        """As objects are named for it."""
        return hour_of(self.key).strftime(_FORM)

    @property
    def manifest(self) -> str:
        """What the hour was made of, in the ops store."""
        return f"{HOURS}/{self.name}.json"

    @property
    def aside(self) -> str:
        """The folder of readings of this hour that came in files of others, in the ops store."""
        return f"{ASIDE}/{self.name}"

    @property
    def incomplete(self) -> str:
        """There while anomalies lack shards, in the ops store."""
        return f"{INCOMPLETE}/{self.name}.json"

    @property
    def all_windows(self) -> str:
        return f"{WORK}/windows/{self.name}"

    def windows(self, shard: int) -> str:
        """In the ops store."""
        return f"{self.all_windows}/{shard:03}.parquet"

    @property
    def all_scores(self) -> str:
        return f"{WORK}/scores/{self.name}"

    def scores(self, shard: int) -> str:
        """In the ops store."""
        return f"{self.all_scores}/{shard:03}.parquet"

    def anomalies(self, extension: str) -> str:
        """In the media store: `parquet`, `json`, and `png` for the plot."""
        return f"{ANOMALIES}/{self.name}.{extension}"


def part(file: str) -> str:
    """How the readings that came in a file are called where they are put aside."""
    return f"{digest(file)}.parquet"


def sorted_mark(file: str, etag: str) -> str:
    """Says that this version of a file was sorted into hours, in the ops store."""
    return f"{SORTED}/{digest(file)}/{digest(etag)}.json"


def malformed(file: str) -> str:
    """The rows of a file that are no readings, in the ops store."""
    return f"{WORK}/malformed/{digest(file)}.json"


def outside(file: str) -> str:
    """The readings of a file that are of no hour that there is, in the ops store."""
    return f"{WORK}/outside/{part(file)}"


def digest(text: str) -> str:
    return blake2b(text.encode(errors="surrogatepass"), digest_size=12).hexdigest()


def named_hour(name: str) -> datetime | None:
    """The hour that an object is named for, as `.../2026-11-29T13/...` is."""
    for word in name.split("/"):
        try:
            return datetime.strptime(word.partition(".")[0], _FORM)
        except ValueError:
            continue
    return None
