"""What the dropped files that a poll found become in Dagster.

Nothing is lost whenever the daemon dies, as a sensor's cursor is saved last: the daemon reports the
events, adds the partitions, reserves the runs, launches them, and then saves the cursor. Whatever
it did not come to is asked for again, and the run keys keep it from launching twice what it did.
A listing that fails fails the tick, which keeps the cursor.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import dagster as dg

from pipeline_kit.orchestration import ledger
from pipeline_kit.orchestration.metadata import as_text
from pipeline_kit.storage.objects import StoredObject
from pipeline_kit.storage.store import Store


def current_hour() -> int:
    """Hours since 1970: the ledger limits how often a name is judged within one."""
    return int(time.time() // 3600)


@dataclass(frozen=True, kw_only=True)
class Inbox:
    """A folder of a store where people drop files, and what one of them becomes."""

    asset: str
    folder: str
    partitions: dg.DynamicPartitionsDefinition
    key: Callable[[str], str]
    """From an object's name to its partition."""
    upload_tag: str
    """Tag of a run: the ETag of the file that it was started for."""
    generation: str = ""
    """Of what is made of the files: a file is started once for each, see `ledger.sift`."""

    def result(
        self,
        listing: list[StoredObject],
        found: ledger.Intake,
        store: Store,
        *,
        others: Iterable[str] = (),
        originals: Mapping[str, str] = MappingProxyType({}),
        further: Iterable[dg.RunRequest] = (),
        events: Iterable[dg.AssetMaterialization | dg.AssetObservation],
    ) -> dg.SensorResult:
        """A partition and a run for each file to start, and `further` runs; `others` become
        partitions alone. `originals` says where files lie that go by another name."""
        started = [(self.key(file.name), file) for file in found.start]
        idle = f"nothing to start in {store.location(self.folder)} (objects: {len(listing)})"
        new = sorted({*others, *(key for key, _ in started)})
        runs = [
            dg.RunRequest(
                run_key=run_key(key, file, self.generation),
                partition_key=key,
                tags={self.upload_tag: file.etag},
            )
            for key, file in started
        ]
        runs += further
        return dg.SensorResult(
            run_requests=runs,
            skip_reason=None if runs else idle,
            dynamic_partitions_requests=[self.partitions.build_add_request(new)] if new else [],
            asset_events=[
                *(
                    self._arrival(key, file, store.location(originals.get(file.name, file.name)))
                    for key, file in started
                ),
                *(self._refusal(rejection) for rejection in found.rejected),
                *events,
            ],
            cursor=ledger.dump(found.ledger),
        )

    def _arrival(self, key: str, file: StoredObject, place: str) -> dg.AssetMaterialization:
        return dg.AssetMaterialization(
            self.asset,
            partition=key,
            metadata={
                "bytes": file.size,
                "etag": file.etag,
                "location": place,
            },
        )

    def _refusal(self, rejection: ledger.Rejection) -> dg.AssetObservation:
        return dg.AssetObservation(
            self.asset,
            description=as_text(str(rejection)),
            metadata={"file": rejection.name, "reason": rejection.reason},
        )


def run_key(key: str, file: StoredObject, generation: str = "") -> str:
    """Dagster launches one run for it however often it is asked: one for each name, ETag and
    generation."""
    return "@".join([key, file.etag, *filter(None, [generation])])
