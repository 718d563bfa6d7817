"""What is kept of a video, and how it is forgotten."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import dagster as dg

from pipeline_kit.orchestration.metadata import latest_events
from pipeline_kit.orchestration.partition_runs import backfills, delete_runs, runs_of
from pipeline_kit.storage.objects import StoredObject
from pipeline_kit.storage.store import Store
from style_pipeline.intake.reports import report_name
from style_pipeline.media.subtitles import is_sidecar
from style_pipeline.object_names import Video
from style_pipeline.partitions import MAX_CHUNKS, chunk_key, videos

ASSETS = ("videos", "audio", "frames", "look", "styled_video")
"""Those that tell by their events when something last happened to a video."""
WITH_STATUS = (*ASSETS, "current_style", "chunk_plan", "styled_frames")

_WORK = re.compile(
    r"work/(?P<key>.+)/"
    r"(frames\.parquet|look\.json|film\.json|audio\.[a-z0-9]+|segments/\d{3,}\.mp4)"
)


@dataclass(frozen=True)
class Forgotten:
    """What was deleted with a video."""

    work_files: int
    delivered: int
    runs: int


def owner_of(name: str) -> str | None:
    """The video that an object of the ops store is a work file of; None of anything else."""
    found = _WORK.fullmatch(name)
    return found["key"] if found else None


def work_of(ops: Store, video: Video) -> list[StoredObject]:
    """Its work files. Those of a video in a folder that is named as this one is are not."""
    listed = ops.list(f"work/{video.key}")
    return [found for found in listed if owner_of(found.name) == video.key]


def lost_work(ops: Store, video: Video, *, done: Iterable[int]) -> dict[str, list[int]]:
    """What was made of a video that was read, and is in the store no more: slots by asset, as
    `missing` has it. `done` are the slots that were stylized."""
    there = {found.name for found in work_of(ops, video)}
    lost: dict[str, list[int]] = {
        asset: []
        for asset, name in (("frames", video.index), ("look", video.look))
        if name not in there
    }
    if slots := [slot for slot in done if video.segment(slot) not in there]:
        lost["styled_frames"] = slots
    # A video without sound has no such file, and one is copied in a moment.
    if lost and not any(name.startswith(video.audio("")) for name in there):
        lost["audio"] = []
    return lost


def video_runs(
    instance: dg.DagsterInstance, key: str, *, under_way: bool = False
) -> list[dg.DagsterRun]:
    """Runs of the video and of its chunks; only those that have not ended yet where `under_way`."""
    slots = [chunk_key(key, slot) for slot in range(MAX_CHUNKS)]
    return runs_of(instance, key, dimension="video", further=slots, under_way=under_way)


def under_way(instance: dg.DagsterInstance, key: str) -> str:
    """What of the video is under way or asked for, in words; or nothing."""
    runs = video_runs(instance, key, under_way=True)
    if runs:
        return f"{len(runs)} run{'s' * (len(runs) > 1)}"
    asked_for = [b.backfill_id for b, wanted in backfills(instance) if key in videos_of(wanted)]
    return f"backfill {asked_for[0]}" if asked_for else ""


def videos_of(partitions: Iterable[tuple[str, str]]) -> set[str]:
    """The videos of partitions, which are of videos or of their chunks."""
    return {partition.partition("|")[0] for _, partition in partitions}


def untouched_since(
    instance: dg.DagsterInstance, keys: Collection[str], *, time: float
) -> list[str]:
    """Videos of which nothing was made since that time, in seconds since 1970.

    One of which nothing ever was is left out: it may have been added just now.
    """
    old: set[str] = set()
    young: set[str] = set()
    for asset in ASSETS:
        before = dg.AssetRecordsFilter(dg.AssetKey(asset), before_timestamp=time)
        records = instance.fetch_materializations(before, limit=1).records
        # Storage ids grow with time.
        last = records[0].storage_id if records else 0
        for key, event in latest_events(instance, asset, keys).items():
            (old if event <= last else young).add(key)
    return [key for key in keys if key in old - young]


def forget(
    instance: dg.DagsterInstance, media: Store, ops: Store, video: Video, *, film: bool
) -> Forgotten:
    """Delete the partition with its runs and work files, and with `film` what was delivered.

    The source stays, and is not taken again until it changes, as the sensor's ledger has it. To be
    called where nothing of it is `under_way`. The partition goes last, so that this can be done
    again where it was interrupted.
    """
    work = work_of(ops, video)
    for found in work:
        ops.delete(found.name)
    delivered = delivered_of(media, video) if film else []
    for name in delivered:
        media.delete(name)
    media.delete(report_name(video.source))
    runs = video_runs(instance, video.key)
    # SQLite gives the ids of the latest events again once these are deleted, and the automation
    # sees none that is not higher than those it saw: this one stays.
    told = dg.AssetObservation("videos", description=f"{video.key} was forgotten")
    instance.report_runless_asset_event(told)
    delete_runs(instance, runs)
    instance.delete_dynamic_partition(str(videos.name), video.key)
    return Forgotten(work_files=len(work), delivered=len(delivered), runs=len(runs))


def delivered_of(media: Store, video: Video) -> list[str]:
    """The film, what is beside it, its preview, and images that were exported."""
    folder = video.contact_sheet.rpartition("/")[0]
    films = video.films
    beside = [
        found.name
        for found in media.list(folder)
        if found.name in films
        or found.name == video.contact_sheet
        or any(is_sidecar(found.name, film=film) for film in films)
    ]
    images = [
        found.name
        for kind in ("frames", "styled_frames")
        for found in media.list(video.images(kind))
        if "/" not in found.name.removeprefix(f"{video.images(kind)}/")
    ]
    previews = [found.name for found in media.list("previews") if found.name == video.preview]
    return beside + images + previews


def count_again(instance: dg.DagsterInstance) -> None:
    """Have Dagster count partitions again: to be called once some were forgotten."""
    instance.wipe_asset_cached_status([dg.AssetKey(asset) for asset in WITH_STATUS])
