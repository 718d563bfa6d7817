"""frames: every frame of the video decoded once and written down in an index."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import dagster as dg

from pipeline_kit.machine.scratch import scratch
from pipeline_kit.orchestration.failures import clear_failures
from pipeline_kit.orchestration.metadata import shown
from pipeline_kit.storage.objects import ObjectNotFound
from pipeline_kit.storage.store import Store
from style_pipeline.assets.videos import videos as videos_dropped
from style_pipeline.chunk_records import plan_chunks, record_unneeded_slots
from style_pipeline.frame_images import export
from style_pipeline.frame_progress import FrameProgress
from style_pipeline.intake.reporting import reported, reported_settings
from style_pipeline.look.style_toml import Reading
from style_pipeline.media.frame_index import FrameIndex, write_index
from style_pipeline.media.images import contact_sheet, frames_as_images, sample
from style_pipeline.media.immersive import unmarked
from style_pipeline.media.indexing import index_frames
from style_pipeline.media.pictures import upright
from style_pipeline.media.proving import proven, tells_of_damage
from style_pipeline.media.range_reader import read_range
from style_pipeline.media.sandbox import sandboxed
from style_pipeline.media.tracks import plan_tracks
from style_pipeline.media.trial import try_film
from style_pipeline.object_names import Video
from style_pipeline.partitions import MAX_CHUNKS, MIN_FRAMES, UPLOAD_TAG, videos
from style_pipeline.settings import cpu_pod
from style_pipeline.work_files import (
    UnreadableWork,
    fetch_look,
    fetch_source,
    how_to_read,
)


class FramesConfig(dg.Config):
    """What else to make of the frames."""

    export_images: bool = False
    """Also write every frame as a PNG image to `images/frames/` in the media store."""


@dg.asset(
    partitions_def=videos,
    deps=[videos_dropped],
    group_name="source",
    kinds={"pyav", "parquet"},
    op_tags=cpu_pod().tags(),
    owners=["team:media"],
    output_required=False,
)
def frames(
    context: dg.AssetExecutionContext,
    config: FramesConfig,
    media: dg.ResourceParam[Store],
    ops: dg.ResourceParam[Store],
) -> Iterator[dg.MaterializeResult[None]]:
    """The frame index: number, timestamp, key frame and checksum of every frame.

    Decoding the whole video is also the gate: what cannot be decoded fails here, before any GPU
    is asked for. Chunk slots that the video does not need are recorded as done.
    """
    video = Video(context.partition_key)
    with clear_failures(context, video.key), scratch() as folder:
        asked_for = context.run.tags.get(UPLOAD_TAG)
        source, dropped = fetch_source(media, ops, video, folder, upload=asked_for)
        with reported_settings(context, media, dropped, name=video.source):
            reading = how_to_read(media, video)
        progress = FrameProgress(context.log, "indexing", shown_on=context)
        with reported(context, media, dropped, name=video.source):
            index = sandboxed(
                index_frames,
                source,
                upload=dropped.etag,
                max_chunks=MAX_CHUNKS,
                min_frames=MIN_FRAMES,
                conceal=reading.conceal,
                deinterlace=reading.deinterlace,
                cut=reading.cut,
                on_progress=progress.reach,
            )
            if not tells_of_damage(index.video):
                again = FrameProgress(context.log, "decoding again", shown_on=context)
                index = sandboxed(
                    proven, source, index, conceal=reading.conceal, on_progress=again.reach
                )
            plan = sandboxed(
                plan_tracks,
                source,
                track=index.video.track,
                conceal=reading.conceal,
                cut=reading.cut,
            )
            try_film(source, index, plan, folder=folder)
        left_out = index.left_out + unmarked(index.video, plan.container)
        index = replace(index, container=plan.container, left_out=left_out)
        preview = contact_sheet([frames_as_images(source, index, sample(range(len(index)), 5))])
        if config.export_images:
            write = export(media, video.images("frames"), index.video)
            exported = FrameProgress(context.log, "exporting images", len(index))
            for number, planes in enumerate(read_range(source, index, range(len(index)))):
                write(number, upright(planes, index.video))
                exported.step()
        written = folder / "frames.parquet"
        write_index(index, written)
        media.check_unchanged(dropped.name, dropped.etag)
        record_unneeded_slots(context, video, index)
        stored = ops.upload(written, video.index)
        with suppress(ObjectNotFound, UnreadableWork):  # else `look` comes, and plans them
            plan_chunks(context, ops, video, index, fetch_look(ops, video))
        chunks = sum(map(bool, index.chunks))
        for reason in index.left_out + index.video.converted:
            context.log.warning(f"{video.key}: {reason}")
        yield dg.MaterializeResult(
            metadata={
                "frames": len(index),
                "chunks": chunks,
                "slots": slots_used(chunks, MAX_CHUNKS),
                "fps": round(index.fps, 3),
                "seconds": round(float(index.seconds), 3),
                "size": "{}x{}".format(*index.video.upright_size),
                "codec": f"{index.video.codec}, {index.video.pixel_format}",
                **({"part": str(reading.cut)} if reading.cut else {}),
                "pictures": plan.pictures or "the only track with pictures",
                "left_out": "\n".join(index.left_out) or "nothing",
                "converted": "\n".join(index.video.converted) or "nothing",
                "decoded_fps": round(progress.rate, 1),
                "source_bytes": dropped.size,
                "bytes": stored.size,
                "upload": dropped.etag,
                "location": dg.MetadataValue.path(ops.location(stored.name)),
                "preview": shown(preview),
            },
            data_version=dg.DataVersion(data_version(index, reading)),
        )


def data_version(index: FrameIndex, reading: Reading) -> str:
    """What the pictures are, and what `style.toml` says of how they are read."""
    return f"{index.content_hash} {reading}".strip()


def slots_used(chunks: int, slots: int) -> str:
    """For whoever wonders why the grid of a short video has as many slots as any other's."""
    rest = ": the others are empty, and count as done" if chunks < slots else ""
    return f"{chunks} of {slots}{rest}"
