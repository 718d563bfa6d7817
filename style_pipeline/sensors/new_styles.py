"""The sensor of dropped paintings, and of networks in their place."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import dagster as dg
from PIL import Image

from pipeline_kit.orchestration import ledger
from pipeline_kit.orchestration.data_versions import DATA_VERSION
from pipeline_kit.orchestration.inbox import Inbox, current_hour
from pipeline_kit.orchestration.metadata import shown
from pipeline_kit.storage.objects import StoredObject
from pipeline_kit.storage.store import Store
from style_pipeline import partitions
from style_pipeline.intake import fine, names, paintings, reports
from style_pipeline.intake.also import also_listed
from style_pipeline.object_names import Style
from style_pipeline.partitions import POLL_SECONDS
from style_pipeline.resources.models import shipped_networks, trained_styles
from style_pipeline.resources.trainer import Trainer
from style_pipeline.sensors.reporting import delete_reports, report
from style_pipeline.styles import BODY, FINE, FINE_BODY, sample_of

PAINTINGS = Inbox(
    asset="paintings",
    folder=paintings.FOLDER,
    partitions=partitions.styles,
    key=paintings.style_key,
    upload_tag=partitions.UPLOAD_TAG,
    generation=BODY[:12],
)
FINE_PAINTINGS = replace(
    PAINTINGS,
    key=lambda name: Style.of(paintings.style_key(name), FINE).key,
    generation=FINE_BODY[:12],
)


@dg.sensor(
    target=dg.AssetSelection.assets("style_model"),
    minimum_interval_seconds=POLL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Trains a style for each painting that is dropped into styles/ of the media store.",
)
def new_styles(
    context: dg.SensorEvaluationContext,
    media: dg.ResourceParam[Store],
    ops: dg.ResourceParam[Store],
    trainer: Trainer,
) -> dg.SensorResult:
    """Also fits paintings again whose styles are of a former body, and records those that ship."""
    listing = media.list(paintings.FOLDER)
    may_ask = paintings.fine_paintings(listing) or not trainer.photographs
    films = media.list(names.FOLDER) if may_ask else []
    trained = trained_styles(ops)
    shipped = shipped_networks()
    found = paintings.new_paintings(
        listing,
        ledger.load(context.cursor),
        trainable=bool(trainer.photographs) or names.any_videos(films),
        shipped={style: sha for style, sha in shipped.items() if trained[style] == sha},
        body=BODY,
        fine=_wanted_fine(media, ops, films, listing),
        fine_body=FINE_BODY,
        hour=current_hour(),
    )
    report(context, found, media)
    started = {file.name for file in (*found.start, *found.fine)}
    delete_reports(context, media, map(reports.report_name, started))
    finer = FINE_PAINTINGS.result(
        listing, ledger.Intake(found.fine, (), found.ledger), media, events=()
    )
    return PAINTINGS.result(
        listing,
        found,
        media,
        others=[*found.shipped, *(FINE_PAINTINGS.key(file.name) for file in found.fine)],
        further=finer.run_requests or (),
        events=[
            *(_shipped(style, shipped[style]) for style in found.shipped),
            *(each for each in finer.asset_events if isinstance(each, dg.AssetMaterialization)),
        ],
    )


def _wanted_fine(
    media: Store, ops: Store, films: Sequence[StoredObject], pictures: Iterable[StoredObject]
) -> frozenset[str]:
    """Styles that the fine body is to be fitted to: videos wait for it, or it was before."""
    if not paintings.fine_paintings(pictures):
        return frozenset()
    fitted = trained_styles(ops, FINE)
    wanted = fine.fine_among(media, films, pictures, fitted=lambda: fitted)
    dropped = [*films, *(each.file for each in also_listed(media, films))]
    waited_for = fine.waited_for(dropped, wanted)
    return waited_for | {style for style, _ in fitted.items() - shipped_networks(FINE).items()}


def _shipped(style: str, sha256: str) -> dg.AssetMaterialization:
    with Image.open(sample_of(style)) as sample:
        sample.load()
    return dg.AssetMaterialization(
        "style_model",
        partition=style,
        description="This style ships with the project.",
        metadata={"model_hash": sha256, "shipped": True, "sample": shown(sample, "sample")},
        tags={DATA_VERSION: sha256},
    )
