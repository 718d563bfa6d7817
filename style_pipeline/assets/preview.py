"""preview: one frame of a video in every style, to choose by before a film is made."""

from collections.abc import Iterator

import dagster as dg

from pipeline_kit.machine.interrupts import interrupts_held
from pipeline_kit.machine.scratch import scratch
from pipeline_kit.orchestration.failures import clear_failures
from pipeline_kit.orchestration.metadata import encoded, shown
from pipeline_kit.storage.store import Store
from style_pipeline.assets.videos import videos as videos_dropped
from style_pipeline.intake.fine import missing
from style_pipeline.look.style_toml import check_settings
from style_pipeline.object_names import Video
from style_pipeline.partitions import videos
from style_pipeline.resources.models import trained_styles
from style_pipeline.resources.stylizer import CannotStylize, load_models
from style_pipeline.settings import cpu_pod
from style_pipeline.styles import FINE, STANDARD
from style_pipeline.work_files import fetch_source


class PreviewConfig(dg.Config):
    """What the sheet shows."""

    at: float | None = None
    """Seconds in the video; without them a frame in which there is much to see."""
    style: str | None = None
    """Only this style, at several strengths."""
    quality: str = STANDARD
    """Of the networks: `standard`, or `fine`, of styles that have it."""
    preserve_colours: bool = False
    """Whether only light and dark are stylized."""


@dg.asset(
    partitions_def=videos,
    deps=[videos_dropped],
    group_name="source",
    kinds={"pillow"},
    op_tags=cpu_pod().tags(),
    owners=["team:styling"],
)
def preview(
    context: dg.AssetExecutionContext,
    config: PreviewConfig,
    media: dg.ResourceParam[Store],
    ops: dg.ResourceParam[Store],
) -> Iterator[dg.MaterializeResult[None]]:
    """A sheet of one frame of the video in every style, in `previews/` of the media store.

    Nothing follows from it, and nothing starts it but a person.
    """
    video = Video(context.partition_key)
    with clear_failures(context, video.key, may_stop=False), scratch() as folder:
        check_settings({"quality": config.quality}, name="run config")
        trained = trained_styles(ops)
        if config.style and config.style not in trained:
            raise CannotStylize(
                f"there is no trained style {config.style!r}: there are {', '.join(trained)}"
            )
        if config.quality == FINE:
            trained = trained_styles(ops, FINE)
            if reason := missing(filter(None, [config.style]), trained):
                raise CannotStylize(reason)
        chosen = {config.style: trained[config.style]} if config.style else trained
        source, dropped = fetch_source(media, ops, video, folder)
        with interrupts_held():  # OpenVINO or PyTorch is imported
            from style_pipeline.media.telling import telling_picture
            from style_pipeline.preview import STRENGTHS, preview_sheet
        sheet = preview_sheet(
            telling_picture(source, at=config.at),
            load_models(ops, chosen, folder),
            caption=video.filename,
            strengths=STRENGTHS if config.style else (1.0,),
            preserve_colors=config.preserve_colours,
        )
        stored = media.write(video.preview, encoded(sheet, "JPEG"))
        yield dg.MaterializeResult(
            metadata={
                "preview": shown(sheet, "preview"),
                "styles": len(chosen),
                "upload": dropped.etag,
                "bytes": stored.size,
                "location": dg.MetadataValue.path(media.location(stored.name)),
            }
        )
