"""What makes a dropped file a film with nobody touching anything."""

import dagster as dg

from style_pipeline import intake
from style_pipeline.partitions import UPLOAD_TAG, videos
from style_pipeline.resources.stores import Store
from style_pipeline.resources.stylizer import Stylizer
from style_pipeline.storage.objects import StoredObject

SECONDS_BETWEEN_LOOKS = 5


@dg.sensor(
    target=dg.AssetSelection.assets("audio", "frames"),
    minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Starts each video that is dropped into videos/<style>/ of the media store.",
)
def new_videos(
    context: dg.SensorEvaluationContext, media: Store, stylizer: Stylizer
) -> dg.SensorResult:
    """Nothing is lost whenever the daemon dies: the cursor is saved last.

    The daemon reports the events, adds the partitions, reserves the runs, launches them, and then
    saves the cursor. Whatever it did not come to is asked for again, and the run keys keep it
    from launching twice what it did. A listing that fails fails the tick, which keeps the cursor.
    """
    listing = media.list(intake.FOLDER)
    found = intake.new_videos(listing, intake.load(context.cursor), styles=stylizer.styles())
    for rejection in found.rejected:
        context.log.warning(f"{rejection.name} is not taken: {rejection.reason}")
    for video in found.start:
        context.log.info(f"{video.name} is taken: {video.size} bytes, ETag {video.etag}")
    keys = [intake.video_key(video.name) for video in found.start]
    nothing = f"nothing to start in {media.location(intake.FOLDER)} (objects: {len(listing)})"
    return dg.SensorResult(
        run_requests=[_run_request(video) for video in found.start],
        skip_reason=None if found.start else nothing,
        dynamic_partitions_requests=[videos.build_add_request(keys)] if keys else [],
        asset_events=[
            *(_arrival(video, location=media.location(video.name)) for video in found.start),
            *(_refusal(rejection) for rejection in found.rejected),
        ],
        cursor=intake.dump(found.ledger),
    )


automation = dg.AutomationConditionSensorDefinition(
    "automation",
    target=dg.AssetSelection.all(),
    minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    # A backfill for the chunks of every video would be looked at twice a minute only, and hold up
    # the film until it is found to be done.
    emit_backfills=False,
    description="Runs what follows from what is there: the chunks of a video, then its film.",
)


def _run_request(video: StoredObject) -> dg.RunRequest:
    key = intake.video_key(video.name)
    return dg.RunRequest(
        run_key=intake.run_key(video), partition_key=key, tags={UPLOAD_TAG: video.etag}
    )


def _arrival(video: StoredObject, *, location: str) -> dg.AssetMaterialization:
    return dg.AssetMaterialization(
        "videos",
        partition=intake.video_key(video.name),
        metadata={"bytes": video.size, "etag": video.etag, "location": location},
    )


def _refusal(rejection: intake.Rejection) -> dg.AssetObservation:
    return dg.AssetObservation(
        "videos",
        description=f"{rejection.name} is not taken: {rejection.reason}",
        metadata={"file": rejection.name, "reason": rejection.reason},
    )
