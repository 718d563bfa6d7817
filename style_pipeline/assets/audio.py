"""audio: every audio track, copied unchanged."""

from collections.abc import Iterator

import dagster as dg

from pipeline_kit.machine.scratch import scratch
from pipeline_kit.orchestration.failures import clear_failures
from pipeline_kit.storage.store import Store
from style_pipeline.assets.videos import videos as videos_dropped
from style_pipeline.intake.reporting import reported, reported_settings
from style_pipeline.media.muxing import extract_audio
from style_pipeline.media.sandbox import sandboxed
from style_pipeline.media.tracks import plan_tracks
from style_pipeline.object_names import Video
from style_pipeline.partitions import UPLOAD_TAG, videos
from style_pipeline.settings import cpu_pod
from style_pipeline.work_files import fetch_source, how_to_read


@dg.asset(
    partitions_def=videos,
    deps=[videos_dropped],
    group_name="source",
    kinds={"ffmpeg"},
    op_tags=cpu_pod().tags(),
    owners=["team:media"],
    output_required=False,
)
def audio(
    context: dg.AssetExecutionContext,
    media: dg.ResourceParam[Store],
    ops: dg.ResourceParam[Store],
) -> Iterator[dg.MaterializeResult[None]]:
    """Every audio track of the video, copied packet by packet without re-encoding."""
    video = Video(context.partition_key)
    with clear_failures(context, video.key), scratch() as folder:
        asked_for = context.run.tags.get(UPLOAD_TAG)
        source, dropped = fetch_source(media, ops, video, folder, upload=asked_for)
        with reported_settings(context, media, dropped, name=video.source):
            reading = how_to_read(media, video)
        with reported(context, media, dropped, name=video.source):
            plan = sandboxed(plan_tracks, source, conceal=reading.conceal, cut=reading.cut)
        metadata: dict[str, dg.PathMetadataValue | str | int] = {
            "tracks": len(plan.audio),
            "codecs": ", ".join(f"{t.codec} ({t.language})" for t in plan.audio) or "no audio",
            "film_container": plan.container,
            "left_out": "\n".join(plan.left_out) or "nothing",
            "converted": "\n".join(plan.converted) or "nothing",
            "upload": dropped.etag,
        }
        if plan.audio:
            extracted = folder / f"audio.{plan.audio_extension}"
            with reported(context, media, dropped, name=video.source):
                extract_audio(source, plan, extracted)
            media.check_unchanged(dropped.name, dropped.etag)
            stored = ops.upload(extracted, video.audio(plan.audio_extension))
            metadata |= {
                "bytes": stored.size,
                "location": dg.MetadataValue.path(ops.location(stored.name)),
            }
        for reason in plan.left_out + plan.converted:
            context.log.warning(f"{video.key}: {reason}")
        # What is extracted again in the same way from the same upload is the same: no film follows.
        version = f"{dropped.etag} {reading}".strip()
        yield dg.MaterializeResult(metadata=metadata, data_version=dg.DataVersion(version))
