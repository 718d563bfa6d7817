"""What the dropped files that one look found become in Dagster."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import dagster as dg

from style_pipeline.intake import ledger, paintings, videos
from style_pipeline.partitions import UPLOAD_TAG
from style_pipeline.partitions import styles as style_partitions
from style_pipeline.partitions import videos as video_partitions
from style_pipeline.resources.stores import Store
from style_pipeline.storage.objects import StoredObject


@dataclass(frozen=True)
class Inbox:
    """A folder of the media store where people drop files, and what one of them becomes."""

    asset: str
    folder: str
    partitions: dg.DynamicPartitionsDefinition
    key: Callable[[str], str]
    run_key: Callable[[StoredObject], str]

    def result(
        self,
        listing: list[StoredObject],
        found: ledger.Intake,
        media: Store,
        *,
        others: Iterable[str] = (),
        events: Iterable[dg.AssetMaterialization | dg.AssetObservation],
    ) -> dg.SensorResult:
        """A partition and a run for each file to start; `others` become partitions alone."""
        started = [(self.key(file.name), file) for file in found.start]
        idle = f"nothing to start in {media.location(self.folder)} (objects: {len(listing)})"
        new = sorted({*others, *(key for key, _ in started)})
        return dg.SensorResult(
            run_requests=[
                dg.RunRequest(
                    run_key=self.run_key(file), partition_key=key, tags={UPLOAD_TAG: file.etag}
                )
                for key, file in started
            ],
            skip_reason=None if started else idle,
            dynamic_partitions_requests=[self.partitions.build_add_request(new)] if new else [],
            asset_events=[
                *(_arrival(self.asset, key, file, media) for key, file in started),
                *(_refusal(self.asset, rejection) for rejection in found.rejected),
                *events,
            ],
            cursor=ledger.dump(found.ledger),
        )


VIDEOS = Inbox("videos", videos.FOLDER, video_partitions, videos.video_key, videos.run_key)
PAINTINGS = Inbox(
    "paintings", paintings.FOLDER, style_partitions, paintings.style_key, paintings.run_key
)


def _arrival(
    asset: str, partition: str, file: StoredObject, media: Store
) -> dg.AssetMaterialization:
    return dg.AssetMaterialization(
        asset,
        partition=partition,
        metadata={
            "bytes": file.size,
            "etag": file.etag,
            "location": media.location(file.name),
        },
    )


def _refusal(asset: str, rejection: ledger.Rejection) -> dg.AssetObservation:
    return dg.AssetObservation(
        asset,
        # The UI shows it as Markdown: no name may bring in a picture from elsewhere.
        description=re.sub(r"([\\`*_\[\]<>&~])", r"\\\1", str(rejection)),
        metadata={"file": rejection.name, "reason": rejection.reason},
    )
