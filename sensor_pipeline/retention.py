"""What is deleted when it is old: work files and results of hours, never what people dropped."""

from collections.abc import Iterable
from datetime import datetime

from pipeline_kit.storage.objects import StoredObject
from pipeline_kit.storage.store import Store
from sensor_pipeline.object_names import ANOMALIES, ASIDE, HOURS, INCOMPLETE, WORK, named_hour

FOLDERS = (f"{WORK}/windows", f"{WORK}/scores", ASIDE, HOURS, INCOMPLETE)


def too_old(listing: Iterable[StoredObject], *, before: datetime) -> list[str]:
    """Objects that are named for an hour before that."""
    named = ((found.name, named_hour(found.name)) for found in listing)
    return [name for name, hour in named if hour is not None and hour < before]


def delete_old(media: Store, ops: Store, *, before: datetime) -> int:
    """How many objects were deleted."""
    count = 0
    for store, folder in [*((ops, folder) for folder in FOLDERS), (media, ANOMALIES)]:
        for name in too_old(store.list(folder), before=before):
            store.delete(name)
            count += 1
    return count
