"""Trainings that are under way, or that ended before they were done."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import dagster as dg
from dagster import DagsterInstance

from pipeline_kit.orchestration.metadata import latest_events
from pipeline_kit.orchestration.partition_runs import terminated
from style_pipeline.object_names import Style, Video
from style_pipeline.partitions import styles
from style_pipeline.status.recorded import first_line, steps_of
from style_pipeline.status.video_status import Status, VideoStatus

ASSET = "style_model"


@dataclass(frozen=True, kw_only=True)
class TrainingStatus:
    """How far the training of a style is."""

    style: str
    """Its partition: fitted to the fine body, it ends with `/fine`."""
    state: str
    """`training`, `failed` or `canceled`."""
    iteration: int = 0
    iterations: int = 0
    """0 where it has not said anything yet."""
    seconds_left: float | None = None
    reason: str = ""


def training_statuses(
    instance: DagsterInstance, *, with_painting: Collection[str]
) -> list[TrainingStatus]:
    """Of styles with a painting: those that are in training, that failed or were terminated."""
    known = instance.get_dynamic_partitions(str(styles.name))
    keys = sorted(key for key in known if Style(key).name in with_painting)
    steps = steps_of(instance, ASSET, keys, styles)
    ended: Collection[tuple[str, str]] | None = None
    found = []
    for key in keys:
        status = steps[key].status
        if status is Status.RUNNING:
            found.append(_progress(instance, key))
        elif status is Status.FAILED:
            reason = first_line(instance, ASSET, key)
            found.append(TrainingStatus(style=key, state="failed", reason=reason))
        elif status is Status.MISSING:
            if ended is None:
                ended = terminated(instance)
            if (ASSET, key) in ended:
                reason = "it was terminated"
                found.append(TrainingStatus(style=key, state="canceled", reason=reason))
    return found


def held_up(video: VideoStatus, trainings: Iterable[TrainingStatus]) -> VideoStatus:
    """A video that waits for its style: it says so where nobody trains that any more."""
    for training in trainings:
        waits_for = video.waits_for or Video(video.key).style
        if training.style == waits_for and training.state != "training":
            how = "was terminated" if training.state == "canceled" else "failed"
            reason = f"the training of its style {how}: `style-pipeline retry --style "
            return replace(video, reason=f"{reason}{training.style}`")
    return video


def _progress(instance: DagsterInstance, style: str) -> TrainingStatus:
    made = latest_events(instance, ASSET, [style]).get(style, 0)
    wanted = dg.AssetRecordsFilter(
        dg.AssetKey(ASSET), asset_partitions=[style], after_storage_id=made
    )
    for record in instance.fetch_observations(wanted, limit=1).records:
        seen = record.asset_observation
        if seen and {"iteration", "minutes_left"} <= seen.metadata.keys():
            iteration, minutes = (seen.metadata[n].value for n in ("iteration", "minutes_left"))
            total = (seen.description or "").removeprefix(f"{iteration} of ").split()[0]
            return TrainingStatus(
                style=style,
                state="training",
                iteration=int(iteration),  # type: ignore[arg-type]
                iterations=int(total) if total.isdecimal() else 0,
                seconds_left=60 * float(minutes),  # type: ignore[arg-type]
            )
    return TrainingStatus(style=style, state="training")
