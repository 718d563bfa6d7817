"""Videos that start again as their `style.toml` was edited: it stopped them, or it says that they
are to be decoded otherwise."""

from collections.abc import Collection, Iterable, Iterator
from hashlib import blake2b

import dagster as dg

from pipeline_kit.orchestration.inbox import run_key
from pipeline_kit.storage.objects import ObjectNotFound, StoredObject
from pipeline_kit.storage.store import Store
from style_pipeline.intake.names import FOLDER, video_key
from style_pipeline.intake.reports import read_report, report_name
from style_pipeline.look.style_toml import SETTINGS_FILE
from style_pipeline.partitions import UPLOAD_TAG

ARRIVAL, LOOK = dg.AssetKey("videos"), dg.AssetKey("look")
DECODED = (dg.AssetKey("audio"), dg.AssetKey("frames"))


def stopped_by_settings(
    media: Store, keys: Collection[str], reports: Collection[str]
) -> Iterator[str]:
    """Those of the videos that a `style.toml` stopped, as the reports on them say, whose names are
    given; the others are not read."""
    written = set(reports)
    for key in keys:
        name = report_name(f"{FOLDER}/{key}")
        if name in written:
            try:
                if read_report(media.read(name)).stopped_by == SETTINGS_FILE:
                    yield key
            except (ObjectNotFound, ValueError):  # taken back since it was listed, or none of ours
                continue


def starting_again(
    instance: dg.DagsterInstance,
    decoded: Iterable[StoredObject],
    stopped: Iterable[StoredObject] = (),
    *,
    cursor: str,
) -> Iterator[dg.RunRequest]:
    """A run for each video that is to be `decoded` otherwise, or was `stopped` by its settings.

    What was stopped gets a look, and what it lacks before that; what is decoded again, a look where
    it has had none since it was uploaded. A run's key follows from the cursor: a tick that is
    repeated asks for the same runs, and a later one, where a setting is as it was some time ago,
    for others.
    """
    otherwise = {video_key(video.name): video for video in decoded}
    held = {video_key(video.name): video for video in stopped}
    files = {**otherwise, **held}
    if not files:
        return
    events = {
        asset: instance.get_latest_storage_id_by_partition(
            asset, dg.DagsterEventType.ASSET_MATERIALIZATION, set(files)
        )
        for asset in (ARRIVAL, *DECODED, LOOK)
    }
    tick = blake2b(cursor.encode(), digest_size=8).hexdigest()
    for key, file in files.items():
        arrived = events[ARRIVAL].get(key, 0)
        lacks = [asset for asset in (*DECODED, LOOK) if events[asset].get(key, -1) <= arrived]
        wanted = {*lacks, LOOK} if key in held else {*lacks} & {LOOK}
        if key in otherwise:
            wanted |= {*DECODED}
        yield dg.RunRequest(
            run_key=f"{run_key(key, file)} {tick}",
            partition_key=key,
            tags={UPLOAD_TAG: file.etag},
            asset_selection=[asset for asset in (*DECODED, LOOK) if asset in wanted],
        )
