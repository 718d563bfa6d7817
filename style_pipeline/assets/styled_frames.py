"""styled_frames: one chunk of the video's frames, stylized and encoded as a segment."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import dagster as dg
from PIL import Image

from pipeline_kit.machine.meter import Meter
from pipeline_kit.machine.scratch import scratch
from pipeline_kit.machine.watchdog import ended_when_stalled
from pipeline_kit.orchestration.failures import clear_failures
from pipeline_kit.orchestration.metadata import glimpses, shown
from pipeline_kit.storage.store import Store
from style_pipeline.assets.chunk_plan import chunk_plan
from style_pipeline.assets.frames import frames
from style_pipeline.assets.look import look
from style_pipeline.automation_conditions import CHUNK_IS_DUE
from style_pipeline.chunk_records import chunk_version, origin_of, record_progress
from style_pipeline.done_meanwhile import is_recorded, may_be_done, stored_segment
from style_pipeline.frame_images import Watch, export, keep, passing
from style_pipeline.frame_progress import FrameProgress
from style_pipeline.hdr_styling import stylized
from style_pipeline.media.images import contact_sheet, sample
from style_pipeline.media.pictures import upright
from style_pipeline.media.range_reader import read_range
from style_pipeline.media.resizing import resized, resized_format
from style_pipeline.media.segment import write_segment
from style_pipeline.object_names import Video
from style_pipeline.partitions import video_chunks
from style_pipeline.resources.ffmpeg import FFmpeg
from style_pipeline.resources.stylizer import Stylizer
from style_pipeline.settings import gpu_pod
from style_pipeline.stylization.architecture import mixed
from style_pipeline.work_files import (
    check_look,
    fetch_index,
    fetch_look,
    fetch_source,
    otherwise,
    source_of,
)


class StyledFramesConfig(dg.Config):
    """What else to make of the styled frames."""

    export_images: bool = False
    """Also write every styled frame as a PNG image to `images/styled_frames/`."""


@dg.asset(
    partitions_def=video_chunks,
    deps=[frames, look, chunk_plan],
    automation_condition=CHUNK_IS_DUE,
    pool="gpu",
    op_tags=gpu_pod().tags(),
    group_name="styling",
    kinds={"pytorch"},
    owners=["team:styling"],
    output_required=False,
)
def styled_frames(
    context: dg.AssetExecutionContext,
    config: StyledFramesConfig,
    media: dg.ResourceParam[Store],
    ops: dg.ResourceParam[Store],
    stylizer: Stylizer,
    ffmpeg: FFmpeg,
) -> Iterator[dg.MaterializeResult[None]]:
    """One chunk: decode its frames, stylize them, encode them as one closed segment.

    Nothing is published before the segment's frames and timestamps agree with the index. Where
    another run published it meanwhile, a retry ends without stylizing. Every video has the same
    slots; those that a short one does not need are empty, and count as done: `frames` says how many
    chunks there are.
    """
    key = context.partition_key.keys_by_dimension
    video, slot = Video(key["video"]), int(key["video_chunk"])
    meter = Meter()
    with clear_failures(context, video.key), scratch() as folder:
        index = fetch_index(ops, video, folder)
        chunk = index.chunk(slot)
        if not chunk:
            yield dg.MaterializeResult(metadata={"frames": 0})
            return
        chosen = fetch_look(ops, video)
        origin = origin_of(index, chosen)
        about: dict[str, Any] = {
            "frames": len(chunk),
            "first_frame": chunk.start,
            **chosen.metadata,
        }
        done = None
        if may_be_done(context) and not config.export_images:
            media.check_unchanged(source_of(media, ops, video), index.upload)
            done = stored_segment(ops, video, slot, index, folder, origin=origin)
        if done:
            segment, stored = done
            context.log.info(f"chunk {slot} was stylized meanwhile by another run")
            if not is_recorded(context.instance, video, slot, origin=origin):
                location = dg.MetadataValue.path(ops.location(stored.name))
                yield dg.MaterializeResult(
                    metadata={**about, "bytes": stored.size, "location": location},
                    data_version=chunk_version(origin, segment),
                )
            return
        source, dropped = fetch_source(media, ops, video, folder, upload=index.upload)
        with otherwise("materialize look of this video again"):
            engine, vectors = stylizer.load(ops, models=chosen.hashes, folder=folder)
        progress = FrameProgress(
            context.log, f"chunk {slot} in {chosen.style}", len(chunk), shown_on=context
        )

        sampled = sample(chunk, 4)
        video_format = resized_format(index.video, chosen.size)
        film = replace(index, video=video_format if chosen.keeps_hdr else video_format.sdr)
        before: dict[int, Image.Image] = {}
        after: dict[int, Image.Image] = {}
        watches: list[Watch] = [
            lambda number, planes: progress.step(),
            keep(after, sampled, film.video),
        ]
        if config.export_images:
            watches.append(export(media, video.images("styled_frames"), film.video))
        originals = (upright(planes, index.video) for planes in read_range(source, index, chunk))
        styled = stylized(
            engine,
            resized(
                passing(originals, chunk, keep(before, sampled, index.video)),
                index.video,
                video_format,
            ),
            (mixed(vectors, chosen.mixture_at(index.seconds_at(number))) for number in chunk),
            (chosen.strength_at(index.seconds_at(number)) for number in chunk),
            video=video_format,
            look=chosen,
        )
        segment = folder / "segment.mp4"
        with closing(styled), ended_when_stalled() as heartbeat:
            write_segment(
                segment,
                passing(styled, chunk, lambda number, planes: heartbeat(), *watches),
                film,
                chunk,
                encoder=replace(ffmpeg.encoder, codec=chosen.codec, bits=chosen.bits),
                origin=origin,
            )
        sheet = contact_sheet([[images[n] for n in sampled] for images in (before, after)])
        middle = sampled[len(sampled) // 2]
        media.check_unchanged(dropped.name, index.upload)
        check_look(ops, video, chosen)
        stored = ops.upload(segment, video.segment(slot))
        record_progress(context, video, index, chosen, slot)
        yield dg.MaterializeResult(
            data_version=chunk_version(origin, segment),
            metadata={
                **glimpses(before=before[middle], after=after[middle]),
                "contact_sheet": shown(sheet),
                **about,
                "device": engine.device_name,
                "fps": round(progress.rate, 2),
                "seconds": round(progress.seconds, 3),
                **meter.read(gpu_busy=engine.gpu_seconds, price_per_hour=stylizer.price_per_hour),
                "bytes": stored.size,
                "location": dg.MetadataValue.path(ops.location(stored.name)),
            },
        )
