"""look: how a film is painted, decided once so that all its chunks agree."""

import dagster as dg

from style_pipeline.assets.chunk_plan import plan_chunks, record_unneeded_slots
from style_pipeline.assets.current_style import current_style, latest_version, observed, provenance
from style_pipeline.assets.failures import clear_failures
from style_pipeline.assets.fetch import fetch_index
from style_pipeline.assets.frames import frames
from style_pipeline.cluster.pods import cpu_pod
from style_pipeline.look import (
    MAX_SETTINGS_BYTES,
    BadSettings,
    Look,
    check_settings,
    parse_settings,
    settings_places,
    standing,
)
from style_pipeline.partitions import Video, videos
from style_pipeline.process.scratch import scratch
from style_pipeline.resources.models import trained_styles
from style_pipeline.resources.stores import ObjectNotFound, Store, StoredObject
from style_pipeline.resources.stylizer import CannotPaint


class LookConfig(dg.Config):
    """What is other in this run than `style.toml` says."""

    strength: float | None = None
    """From 0, which leaves the source as it is, to 1, the style in full."""
    preserve_colours: bool | None = None
    """Whether only light and dark are painted."""


@dg.asset(
    partitions_def=videos,
    deps=[frames, current_style],
    group_name="styling",
    kinds={"toml"},
    op_tags=cpu_pod().tags(),
    owners=["team:styling"],
)
def look(
    context: dg.AssetExecutionContext,
    config: LookConfig,
    media: dg.ResourceParam[Store],
    ops: dg.ResourceParam[Store],
) -> dg.MaterializeResult[None]:
    """The network and settings that the video's folder stands for, held for all of its chunks.

    Materialize it again to have the video painted again, in the style as it is by then.
    """
    video = Video(context.partition_key)
    with clear_failures(context, video, may_stop=False), scratch() as folder:
        index = fetch_index(ops, video, folder)
        trained = trained_styles(ops)
        if video.style not in trained:
            raise CannotPaint(
                f"there is no trained style {video.style!r}: there are {', '.join(trained)}"
            )
        file = nearest_settings(media, video)
        settings = read_settings(media, file) if file else {}
        settings |= check_settings(config.model_dump(exclude_none=True), name="run config")
        chosen = Look(
            style=video.style,
            model_hash=trained[video.style],
            strength=settings.get("strength", 1.0),
            preserve_colours=bool(settings.get("preserve_colours", False)),
            current_style=standing(trained[video.style], file.etag if file else None),
        )
        if latest_version(context.instance, video.key) != chosen.current_style:
            context.log_event(
                observed(
                    video.key,
                    chosen.current_style,
                    model_hash=chosen.model_hash,
                    settings=file.name if file else "",
                )
            )
        stored = ops.write(video.look, chosen.to_json())
        record_unneeded_slots(context, video, index)
        plan_chunks(context, ops, video, index, chosen)
        return dg.MaterializeResult(
            metadata={
                "style": chosen.style,
                "model_hash": chosen.model_hash,
                "strength": chosen.strength,
                "preserve_colours": chosen.preserve_colours,
                "settings": media.location(file.name) if file else "none",
                "location": dg.MetadataValue.path(ops.location(stored.name)),
            },
            data_version=dg.DataVersion(chosen.content_hash),
            tags=provenance(context.instance, video.key, chosen.current_style),
        )


def nearest_settings(media: Store, video: Video) -> StoredObject | None:
    """The `style.toml` in the video's folder, or in the next one above that has any."""
    for name in settings_places(video.key):
        try:
            return media.head(name)
        except ObjectNotFound:
            continue
    return None


def read_settings(media: Store, file: StoredObject) -> dict[str, float | bool]:
    """Raises `BadSettings`."""
    if file.size > MAX_SETTINGS_BYTES:
        raise BadSettings(f"{file.name} has {file.size} bytes: {MAX_SETTINGS_BYTES} are allowed")
    return parse_settings(media.read(file.name), name=file.name)
