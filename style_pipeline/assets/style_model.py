"""style_model: the network that paints like a painting, trained for it."""

import time
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field

from style_pipeline.assets.checkpoint import Checkpoint
from style_pipeline.assets.failures import clear_failures
from style_pipeline.assets.paintings import paintings
from style_pipeline.assets.pictures import shown
from style_pipeline.assets.reports import reported
from style_pipeline.assets.training_log import TrainingLog
from style_pipeline.cluster.pods import gpu_pod
from style_pipeline.durations import duration
from style_pipeline.intake.paintings import FOLDER, rejection, style_key
from style_pipeline.partitions import UPLOAD_TAG, Style, styles
from style_pipeline.process.scratch import scratch
from style_pipeline.process.stalls import ended_when_stalled
from style_pipeline.resources.material import CannotTrain
from style_pipeline.resources.models import publish_model
from style_pipeline.resources.stores import ObjectNotFound, Store, StoredObject, Superseded
from style_pipeline.resources.trainer import NEAREST, Trainer

if TYPE_CHECKING:
    from style_pipeline.stylization.backends.network import PaintingNetwork
    from style_pipeline.training.loop import TrainingProgress

CHECKPOINT_EVERY = 25
"""Iterations: seconds on a GPU, half a minute on a CPU."""


class StyleModelConfig(dg.Config):
    """How to train, where the defaults do not please."""

    iterations: int = Field(default=0, ge=0, le=1_000_000)
    """0: as STYLE_PIPELINE_TRAINING_ITERATIONS says, else as many as the start needs."""
    style_weight: float = Field(default=0.0, ge=0, le=100)
    """More is more painting and less photograph; 0: the recipe's."""
    start_from: str = NEAREST
    """A trained style to begin with, `nearest` for the one that fits best, or `scratch`."""
    seed: int = Field(default=1, ge=0, le=2**31)


@dg.asset(
    partitions_def=styles,
    deps=[paintings],
    pool="gpu",
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
    """The network of a style, trained for its painting, and published under its content hash.

    A training that is killed goes on from its last checkpoint.
    """
    style = Style(context.partition_key)
    with clear_failures(context, style), scratch() as folder:
        painting, dropped = fetch_painting(
            media, style, folder, upload=context.run.tags.get(UPLOAD_TAG)
        )
        context.log.info(f"{style.key}: fetching what it is trained from")
        with reported(context, media, dropped):
            job = trainer.job(
                media,
                ops,
                style=style.key,
                painting=painting,
                folder=folder,
                start_from=config.start_from,
                iterations=config.iterations or None,
                style_weight=config.style_weight or None,
                seed=config.seed,
                warn=context.log.warning,
            )
        checkpoint = Checkpoint(
            ops,
            style.checkpoint,
            fingerprint=job.fingerprint,
            path=folder / "checkpoint",
            log=context.log,
        )
        resumed = checkpoint.fetch()
        started_from = job.start.style if job.start else "scratch"
        context.log.info(
            f"{style.key}: {'going on with' if resumed else 'beginning'} a training of "
            f"{job.recipe.iterations} iterations from {started_from} on {job.device_name}, with "
            f"{len(job.photographs)} photographs ({job.photographs_from}) seen by "
            f"{job.perceptual.name}"
        )
        log = TrainingLog(context, style.key, job)

        def follow(progress: "TrainingProgress", network: "PaintingNetwork") -> None:
            going_on()
            log(progress, network)
            checkpoint.upload_now_and_then()

        started = time.monotonic()
        with checkpoint.kept():
            with ended_when_stalled() as going_on:
                network = job.run(
                    on_progress=follow,
                    checkpoint_path=checkpoint.path,
                    checkpoint_every=CHECKPOINT_EVERY,
                    resume=resumed,
                )
            seconds = time.monotonic() - started
            written = folder / "model.safetensors"
            sha256 = job.save(written, network, style=style.key)
            metadata = log.metadata(network)
            check_same_painting(media, dropped)
            publish_model(ops, style=style.key, path=written, sha256=sha256)
        checkpoint.delete()
        context.log.info(f"{style.key}: trained in {duration(seconds)}")
        yield dg.MaterializeResult(
            data_version=dg.DataVersion(sha256),
            metadata={
                "model_hash": sha256,
                "location": dg.MetadataValue.path(ops.location(style.model(sha256))),
                "bytes": written.stat().st_size,
                "iterations": job.recipe.iterations,
                "seconds": round(seconds, 1),
                "resumed": resumed,
                "device": job.device_name,
                "architecture": job.recipe.architecture,
                "started_from": started_from,
                "perceptual": job.perceptual.name,
                "photographs": f"{len(job.photographs)}: {job.photographs_from}",
                "painting": shown(job.thumbnail, "painting"),
                "painting_sha256": job.artwork.sha256,
                "upload": dropped.etag,
                **metadata,
            },
        )


def fetch_painting(
    media: Store, style: Style, folder: Path, *, upload: str | None
) -> tuple[Path, StoredObject]:
    """The dropped painting. Raises `Superseded` where it is not the version that `upload` names."""
    dropped = [
        found
        for found in media.list(FOLDER)
        if not rejection(found.name) and style_key(found.name) == style.key
    ]
    if not dropped:
        place = media.location(f"{FOLDER}/{style.key}")
        raise ObjectNotFound(f"there is no {place}.jpg, .png or .webp: drop the painting there")
    chosen = [found for found in dropped if upload in (None, found.etag)]
    if not chosen:
        raise Superseded(f"{media.location(dropped[0].name)} was replaced since it was listed")
    if len(chosen) > 1:
        names = ", ".join(found.name for found in chosen)
        raise CannotTrain(f"there are several paintings, {names}: delete all but one")
    # In a folder of its own: people give their files any name, also one of ours.
    path = folder / "dropped" / PurePosixPath(chosen[0].name).name
    path.parent.mkdir()
    return path, media.download(chosen[0].name, path, etag=chosen[0].etag)


def check_same_painting(media: Store, painting: StoredObject) -> None:
    """Raises `Superseded` where it was replaced: a network of the old one comes too late."""
    if media.head(painting.name).etag != painting.etag:
        raise Superseded(f"{media.location(painting.name)} was replaced since it was read")
