"""look: how a film is stylized, decided once so that all its chunks agree."""

from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

import dagster as dg

from pipeline_kit.machine.scratch import scratch
from pipeline_kit.orchestration.data_versions import latest_version, provenance
from pipeline_kit.orchestration.failures import clear_failures
from pipeline_kit.storage.objects import StoredObject
from pipeline_kit.storage.store import Store
from style_pipeline.assets.current_style import current_style, observed
from style_pipeline.assets.frames import frames
from style_pipeline.chunk_records import plan_chunks, record_unneeded_slots
from style_pipeline.intake.fine import missing
from style_pipeline.intake.reporting import reported_settings
from style_pipeline.intake.reports import report_name
from style_pipeline.intake.settings_files import read_settings
from style_pipeline.look.keyframes import BadKeyframes, check_within
from style_pipeline.look.look import Look, version_of
from style_pipeline.look.mixtures import styles_of
from style_pipeline.look.style_toml import BadSettings, Settings, check_settings
from style_pipeline.media.encoding import Encoder, check_encoder
from style_pipeline.media.hdr import hdr_note
from style_pipeline.media.resizing import resized_format, size_of
from style_pipeline.object_names import Video
from style_pipeline.partitions import videos
from style_pipeline.resources.models import trained_styles
from style_pipeline.resources.stylizer import CannotStylize, check_mixable
from style_pipeline.settings import cpu_pod
from style_pipeline.styles import FINE, STANDARD
from style_pipeline.stylization.strokes import reduction
from style_pipeline.work_files import fetch_index, nearest_settings, source_of


class LookConfig(dg.Config):
    """What is other in this run than `style.toml` says."""

    strength: Any = None
    """From 0, which leaves the source as it is, to 1, the style in full; or pairs of seconds and
    such a number."""
    preserve_colours: bool | None = None
    """Whether only light and dark are stylized."""
    strokes: float | None = None
    """How much larger strokes are than the film's size gives."""
    quality: str | None = None
    """Of the body that stylizes: `standard`, or `fine`, which takes three times as long."""
    blend: dict[str, float] | None = None
    """Shares of styles, in place of the folder's style."""
    style: list[Any] | None = None
    """Styles over time: pairs of seconds and a style, or shares of styles."""
    codec: str | None = None
    """What the film is encoded with: `h264`, `hevc` or `av1`."""
    bits: int | None = None
    """Of the film's samples: 8 or 10."""
    hdr: str | None = None
    """`tone-map` to SDR, or `keep`, with 10 bits of `hevc` or `av1`."""
    size: str | None = None
    """Of the film, as `1280x720`, or `50%` of the video's."""


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

    Materialize it again to have the video stylized again, in the style as it is by then.
    """
    video = Video(context.partition_key)
    with (
        clear_failures(context, video.key, may_stop=False),
        scratch() as folder,
        ExitStack() as stopped,
    ):
        index = fetch_index(ops, video, folder)
        trained = trained_styles(ops)
        file = nearest_settings(media, video)
        if file:
            dropped = StoredObject(source_of(media, ops, video), size=0, etag=index.upload)
            stopped.enter_context(reported_settings(context, media, dropped, name=video.source))
        in_file = read_settings(media, file) if file else Settings()
        settings = in_file.changed_by(
            check_settings(config.model_dump(exclude_none=True), name="run config")
        )
        where = file.name if file else "run config"
        keyframes = settings.keyframes(video.style)
        fine = trained_styles(ops, FINE) if FINE in (settings.quality, in_file.quality) else {}
        networks = {STANDARD: trained, FINE: {**trained, **fine}}
        chosen_from = networks[settings.quality or STANDARD]
        if unknown := {video.style, *styles_of(keyframes)} - chosen_from.keys():
            raise CannotStylize(
                f"there is no trained style {min(unknown)!r}: there are {', '.join(chosen_from)}"
            )
        if settings.quality == FINE and (reason := missing(styles_of(keyframes), fine)):
            raise BadSettings(f"{where}: {reason}")
        models = {style: chosen_from[style] for style in styles_of(keyframes)}
        check_mixable(ops, models, folder)
        try:
            ramp = settings.strength if isinstance(settings.strength, tuple) else ()
            for times in ([each.seconds for each in keyframes], [at for at, _ in ramp]):
                check_within(times, duration=float(index.seconds))
            size = size_of(index.video, settings.size) if settings.size else None
            pictures = resized_format(index.video, size)
            factor = reduction(pictures.upright_size, settings.strokes or 1.0)
        except (BadKeyframes, ValueError) as error:
            raise BadSettings(f"{where}: {error}") from None
        keeps_hdr = settings.hdr == "keep" and bool(index.video.hdr)
        codec = settings.codec or ("hevc" if keeps_hdr else "h264")
        bits = 10 if keeps_hdr else settings.bits or 8
        check_encoder(
            Encoder(codec=codec, bits=bits),
            pictures if keeps_hdr else pictures.sdr,
            container=index.container,
        )
        stopped.close()
        plain = keyframes == Settings().keyframes(video.style)
        model_hash = chosen_from[video.style]
        # What the folder stands for, whatever this run's config says.
        current = networks[in_file.quality or STANDARD].get(video.style)
        chosen = Look(
            style=video.style,
            model_hash=model_hash,
            strength=1.0 if settings.strength is None else settings.strength,
            preserve_colours=bool(settings.preserve_colours),
            current_style=version_of(current or model_hash, file.etag if file else None),
            keyframes=() if plain else keyframes,
            models={} if plain else models,
            reduction=factor,
            quality=settings.quality or STANDARD,
            codec=codec,
            bits=bits,
            keeps_hdr=keeps_hdr,
            size=None if size == index.video.upright_size else size,
        )
        if latest_version(context.instance, current_style.key, video.key) != chosen.current_style:
            context.log_event(
                observed(
                    video.key,
                    chosen.current_style,
                    model_hash=current or model_hash,
                    settings=file.name if file else "",
                )
            )
        stored = ops.write(video.look, chosen.to_json())
        media.delete(report_name(video.source))
        record_unneeded_slots(context, video, index)
        plan_chunks(context, ops, video, index, chosen)
        return dg.MaterializeResult(
            metadata={
                **chosen.metadata,
                "styles": dg.MetadataValue.json([asdict(each) for each in keyframes]),
                "reduction": round(chosen.reduction, 3),
                "codec": f"{chosen.codec}, {chosen.bits} bits",
                **({"hdr": hdr_note(index.video, keeps_hdr)} if index.video.hdr else {}),
                "settings": media.location(file.name) if file else "none",
                "location": dg.MetadataValue.path(ops.location(stored.name)),
            },
            data_version=dg.DataVersion(chosen.content_hash),
            tags=provenance(context.instance, current_style.key, video.key, chosen.current_style),
        )
