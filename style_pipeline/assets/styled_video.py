"""styled_video: the finished film, checked before anyone can see it."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import dagster as dg

from pipeline_kit.machine.scratch import scratch
from pipeline_kit.orchestration.data_versions import provenance
from pipeline_kit.orchestration.failures import clear_failures
from pipeline_kit.orchestration.metadata import encoded, glimpses, latest_metadata, shown
from pipeline_kit.storage.store import Store
from style_pipeline.assets.audio import audio
from style_pipeline.assets.current_style import current_style
from style_pipeline.assets.look import look
from style_pipeline.assets.styled_frames import styled_frames
from style_pipeline.automation_conditions import FILM_IS_DUE
from style_pipeline.chunk_records import origin_of
from style_pipeline.done_meanwhile import (
    delivered_film,
    film_inputs,
    is_film_recorded,
    may_be_done,
)
from style_pipeline.film_names import check_name_is_free, record_film
from style_pipeline.frame_progress import FrameProgress
from style_pipeline.intake.reports import report_name
from style_pipeline.look.recipe import recipe_of
from style_pipeline.media.captions import PREFIXES
from style_pipeline.media.film_checks import CHECKS, check_film
from style_pipeline.media.hdr import hdr_note
from style_pipeline.media.images import contact_sheet, frames_as_images, sample
from style_pipeline.media.indexing import index_frames
from style_pipeline.media.join import join_segments
from style_pipeline.media.muxing import mux_film, write_sidecar
from style_pipeline.media.segment import BrokenSegment
from style_pipeline.media.source import UnreadableVideo
from style_pipeline.media.subtitles import is_sidecar
from style_pipeline.media.track_plan import TrackPlan
from style_pipeline.media.tracks import plan_tracks
from style_pipeline.object_names import Video
from style_pipeline.partitions import chunk_key, videos
from style_pipeline.settings import cpu_pod
from style_pipeline.status.effort import in_total
from style_pipeline.work_files import (
    fetch_audio,
    fetch_index,
    fetch_look,
    fetch_segments,
    fetch_source,
    source_of,
)

SEGMENTS_CHECK = "segments_cover_the_index"
CHECK_DESCRIPTIONS = {
    SEGMENTS_CHECK: "Segments of this upload and look, every frame in exactly one.",
    **CHECKS,
}


@dg.asset(
    partitions_def=videos,
    deps=[audio, look, styled_frames, current_style],
    automation_condition=FILM_IS_DUE,
    group_name="styling",
    kinds={"ffmpeg"},
    op_tags=cpu_pod().tags(),
    owners=["team:media"],
    check_specs=[
        dg.AssetCheckSpec(name, asset="styled_video", description=description, blocking=True)
        for name, description in CHECK_DESCRIPTIONS.items()
    ],
    output_required=False,
)
def styled_video(
    context: dg.AssetExecutionContext,
    media: dg.ResourceParam[Store],
    ops: dg.ResourceParam[Store],
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult[None]]:
    """The film: segments joined without re-encoding, with the source's audio, tracks and tags.

    It is delivered to `styled/` in the media store only if every check passes. A retry ends where
    another run has delivered the film of the same inputs.
    """
    video = Video(context.partition_key)
    with clear_failures(context, video.key, may_stop=False), scratch() as workplace:
        index = fetch_index(ops, video, workplace)
        chosen = fetch_look(ops, video)
        origin = origin_of(index, chosen)
        inputs = film_inputs(context.instance, video, index, origin=origin)
        about = {
            "frames": len(index),
            "seconds": round(float(index.seconds), 3),
            "fps": round(index.fps, 3),
            **chosen.metadata,
        }
        version = dg.DataVersion(inputs) if inputs else None
        tags = provenance(context.instance, current_style.key, video.key, chosen.current_style)
        done = None
        if inputs and may_be_done(context):
            media.check_unchanged(source_of(media, ops, video), index.upload)
            done = delivered_film(media, ops, video, inputs=inputs)
        if done:
            context.log.info("another run delivered this film meanwhile")
            for name in CHECK_DESCRIPTIONS:
                yield check_result(name, True, "passed when the film was delivered")
            if not is_film_recorded(context.instance, context.asset_key, video, inputs=inputs):
                place = dg.MetadataValue.path(media.location(done.name))
                metadata = {"film": place, **about, "bytes": done.size}
                yield dg.MaterializeResult(metadata=metadata, data_version=version, tags=tags)
            return

        source, dropped = fetch_source(media, ops, video, workplace, upload=index.upload)
        plan = plan_tracks(source, track=index.video.track, conceal=True, cut=index.video.cut)
        name = video.film(plan.film_extension)
        known = context.instance.get_dynamic_partitions(str(videos.name))
        check_name_is_free(ops, video, name, known)
        pictures = workplace / "pictures.mp4"
        segments = fetch_segments(ops, video, index, workplace)
        try:
            join_segments(segments, index, pictures, origin=origin)
        except BrokenSegment as error:
            yield check_result(SEGMENTS_CHECK, False, str(error))
            raise
        yield check_result(SEGMENTS_CHECK, True, f"{len(segments)} segments")
        sound = None
        if plan.audio:
            sound = fetch_audio(ops, video, workplace, extension=plan.audio_extension)
        film = workplace / f"film.{plan.film_extension}"
        mux_film(
            film,
            pictures=pictures,
            audio=sound,
            source=source,
            plan=plan,
            video=index.video,
            comment=recipe_of(chosen, index.video),
        )

        progress = FrameProgress(context.log, "checking the film", len(index), shown_on=context)
        try:
            made = index_frames(
                film, deinterlace=False, on_frame=lambda number, planes: progress.step()
            )
        except UnreadableVideo as error:
            raise BrokenSegment(f"the film that was made is broken: {error}") from error
        findings = check_film(film, made, source, index, plan=plan)
        for finding in findings:
            yield check_result(finding.name, finding.passed, finding.description)
        if wrong := [f"{f.name} ({f.description})" for f in findings if not f.passed]:
            raise BrokenSegment(
                f"the film is not delivered, as checks failed: {'; '.join(wrong)}: "
                "materialize audio and frames again"
            )

        sampled = sample(range(len(index)), 4)
        before = frames_as_images(source, index, sampled)
        after = frames_as_images(film, made, sampled)
        sheet = contact_sheet([before, after])
        slots = [chunk_key(video.key, slot) for slot, chunk in enumerate(index.chunks) if chunk]
        spent = in_total(latest_metadata(context.instance, styled_frames.key, slots).values())
        left_out = (*index.left_out, *plan.left_out)
        if index.captions and chosen.codec not in PREFIXES:
            left_out += (
                f"closed captions in the pictures: {chosen.codec} films do not carry them",
            )
        converted = (*index.video.converted, *plan.converted)
        if index.video.hdr:
            converted = (hdr_note(index.video, chosen.keeps_hdr), *converted)
        media.check_unchanged(dropped.name, index.upload)
        media.write(video.contact_sheet, encoded(sheet, "JPEG"))
        beside = write_sidecars(source, plan, workplace)
        delivered = media.upload(film, name)
        deliver_beside(media, beside, film=delivered.name)
        for other in video.films - {name}:
            # The film of a previous upload may have had another container, and with it another
            # name, and one of an earlier version has its former name.
            media.delete(other)
        media.delete(report_name(video.source))
        record_film(ops, video, delivered, inputs=inputs)
        yield dg.MaterializeResult(
            metadata={
                "film": dg.MetadataValue.path(media.location(delivered.name)),
                **glimpses(before=before[len(before) // 2], after=after[len(after) // 2]),
                "contact_sheet": shown(sheet),
                **about,
                "bytes": delivered.size,
                **spent,
                "audio_tracks": len(plan.audio),
                "left_out": "\n".join(left_out) or "nothing",
                "converted": "\n".join(converted) or "nothing",
                "beside": "\n".join(beside) or "nothing",
                **({"pictures": plan.pictures} if plan.pictures else {}),
            },
            data_version=version,
            tags=tags,
        )


def write_sidecars(source: Path, plan: TrackPlan, folder: Path) -> dict[str, Path]:
    """Subtitles that go beside the film, by the endings of their names."""
    written = {sidecar.ending: folder / f"beside.{sidecar.ending}" for sidecar in plan.beside}
    for sidecar in plan.beside:
        write_sidecar(source, sidecar, plan, written[sidecar.ending])
    return written


def deliver_beside(media: Store, beside: Mapping[str, Path], *, film: str) -> None:
    """Publish subtitles under the names that players expect; delete those of the previous film."""
    stem = film.rpartition(".")[0]
    names = {f"{stem}.{ending}": path for ending, path in beside.items()}
    for name, path in names.items():
        media.upload(path, name)
    for found in media.list(stem.rpartition("/")[0]):
        if found.name not in names and is_sidecar(found.name, film=film):
            media.delete(found.name)


def check_result(name: str, passed: bool, found: str) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(check_name=name, passed=passed, metadata={"found": found})
