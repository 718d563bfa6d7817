"""style_model: the style of a painting, fitted to it."""

import time
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
from pydantic import Field

from pipeline_kit.durations import duration
from pipeline_kit.machine.priority import give_way
from pipeline_kit.machine.scratch import scratch
from pipeline_kit.machine.watchdog import ended_when_stalled
from pipeline_kit.orchestration.checkpoint import Checkpoint
from pipeline_kit.orchestration.failures import clear_failures
from pipeline_kit.orchestration.metadata import shown
from pipeline_kit.storage.objects import StoredObject
from pipeline_kit.storage.store import Store
from style_pipeline.assets.paintings import paintings
from style_pipeline.intake.paintings import is_network
from style_pipeline.intake.reporting import reported
from style_pipeline.object_names import Style
from style_pipeline.partitions import UPLOAD_TAG, styles
from style_pipeline.resources.dropped_network import convert_network
from style_pipeline.resources.material import CannotTrain
from style_pipeline.resources.models import publish_model, withdraw_model
from style_pipeline.resources.trainer import NEAREST, Trainer
from style_pipeline.settings import gpu_pod
from style_pipeline.status.training_log import TrainingLog
from style_pipeline.styles import BODY, FINE
from style_pipeline.training.recipe import FitRecipe
from style_pipeline.work_files import fetch_painting

if TYPE_CHECKING:
    from style_pipeline.training.fitting import FitProgress
    from style_pipeline.training.fitting import Style as FittedStyle


def fingerprint(recipe: FitRecipe) -> str:
    return blake2b(repr(recipe).encode(), digest_size=6).hexdigest()


RECIPE = fingerprint(FitRecipe())
CODE_VERSION = f"body {BODY[:12]}, recipe {RECIPE}"
"""Where one of them changes, the UI shows that styles were trained by another version."""
CHECKPOINT_EVERY = 10
"""Iterations: a second on a GPU, half a minute on a CPU."""


class StyleModelConfig(dg.Config):
    """How to train, where the defaults do not please."""

    iterations: int | None = Field(default=None, ge=1, le=1_000_000)
    """Without it, as STYLE_PIPELINE_TRAINING_ITERATIONS says."""
    content: float | None = Field(default=None, ge=0.1, le=2)
    """The content loss to hold, from 0.1, all photograph; without it, the recipe's."""
    brushing: float | None = Field(default=None, ge=0, le=1)
    """How far films are smoothed along strokes; without it, the recipe's."""
    style_weight: float = 0.0
    """Of version 0.1, in whose place `content` is."""
    start_from: str = NEAREST
    """A style to begin with, `nearest` for the one that fits best, or `scratch` for the mean."""
    seed: int = Field(default=1, ge=0, le=2**31)


@dg.asset(
    partitions_def=styles,
    code_version=CODE_VERSION,
    deps=[paintings],
    pool="training",
    op_tags=gpu_pod().tags(),
    group_name="styles",
    kinds={"pytorch"},
    owners=["team:styling"],
    output_required=False,
)
def style_model(
    context: dg.AssetExecutionContext,
    config: StyleModelConfig,
    media: dg.ResourceParam[Store],
    ops: dg.ResourceParam[Store],
    trainer: Trainer,
) -> Iterator[dg.MaterializeResult[None]]:
    """A style, fitted to its painting or taken from the network that was dropped in its place, and
    published under its content hash.

    A partition that ends with `/fine` is the same painting's, with the body of that quality. A
    training that is killed goes on from its last checkpoint.
    """
    style = Style(context.partition_key)
    with clear_failures(context, style.key), scratch() as folder:
        painting, dropped = fetch_painting(
            media, style, folder, upload=context.run.tags.get(UPLOAD_TAG)
        )
        written = folder / "model.safetensors"
        if is_network(dropped.name):
            if style.quality == FINE:
                wrong = f"{painting.name} is a network and no painting, and has no fine version"
                raise CannotTrain(wrong)
            with reported(context, media, dropped):
                sha256 = convert_network(painting, written, style=style.name)
            published = _publish(media, ops, style, dropped, written, sha256)
            withdraw_model(ops, style=style.name, quality=FINE)  # of a painting before it
            yield dg.MaterializeResult(
                data_version=dg.DataVersion(sha256),
                metadata={**published, "network": dropped.name},
            )
            return
        context.log.info(f"{style.key}: fetching what it is trained from")
        if config.style_weight:
            raise CannotTrain("style_weight is gone: set content, 0.85 by default, to 0.1 or more")
        with reported(context, media, dropped):
            job = trainer.job(
                media,
                ops,
                painting=painting,
                quality=style.quality,
                folder=folder,
                warn=context.log.warning,
                start_from=config.start_from,
                iterations=config.iterations,
                content=config.content,
                brushing=config.brushing,
                seed=config.seed,
            )
        checkpoint = Checkpoint(
            ops,
            style.checkpoint,
            fingerprint=job.fingerprint,
            path=folder / "checkpoint",
            log=context.log,
        )
        resumed = checkpoint.fetch()
        context.log.info(
            f"{style.key}: {'going on with' if resumed else 'beginning'} a training of "
            f"{job.recipe.iterations} iterations from {job.started_from} on {job.device_name}, "
            f"with {len(job.photographs)} photographs ({job.photographs_from}) seen by "
            f"{job.perceptual.name}"
        )
        give_way()  # to chunks of films on the same machine
        log = TrainingLog(context, style.key, job)

        def follow(progress: "FitProgress", fitted: "FittedStyle") -> None:
            heartbeat()
            log(progress, fitted)
            checkpoint.upload_now_and_then()

        started = time.monotonic()
        with checkpoint.kept():
            with ended_when_stalled() as heartbeat:
                fitted = job.run(
                    on_progress=follow,
                    checkpoint_path=checkpoint.path,
                    checkpoint_every=CHECKPOINT_EVERY,
                    resume=resumed,
                )
            seconds = time.monotonic() - started
            sha256 = job.save(written, fitted, name=style.name)
            metadata = log.metadata(fitted)
            published = _publish(media, ops, style, dropped, written, sha256)
        checkpoint.delete()
        context.log.info(f"{style.key}: trained in {duration(seconds)}")
        yield dg.MaterializeResult(
            data_version=dg.DataVersion(sha256),
            metadata={
                **published,
                "iterations": job.recipe.iterations,
                "seconds": round(seconds, 1),
                "resumed": resumed,
                "device": job.device_name,
                "body": job.body.digest,
                "started_from": job.started_from,
                "perceptual": job.perceptual.name,
                "photographs": f"{len(job.photographs)}: {job.photographs_from}",
                "painting": shown(job.thumbnail, "painting"),
                "painting_sha256": job.artwork.sha256,
                **metadata,
            },
        )


def _publish(
    media: Store, ops: Store, style: Style, dropped: StoredObject, written: Path, sha256: str
) -> dict[str, Any]:
    """Make the model file the style's current one, unless what it was made from was replaced
    meanwhile, and return what the UI shows of it."""
    media.check_unchanged(dropped.name, dropped.etag)
    publish_model(ops, style=style.name, path=written, sha256=sha256, quality=style.quality)
    return {
        "model_hash": sha256,
        "location": dg.MetadataValue.path(ops.location(style.model(sha256))),
        "bytes": written.stat().st_size,
        "upload": dropped.etag,
    }
