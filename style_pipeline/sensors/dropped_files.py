"""Sensors that start dropped videos and paintings."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import dagster as dg
from PIL import Image

from pipeline_kit.orchestration import ledger
from pipeline_kit.orchestration.data_versions import DATA_VERSION
from pipeline_kit.orchestration.inbox import Inbox
from pipeline_kit.orchestration.metadata import shown
from pipeline_kit.storage.objects import StoredObject, StoreError
from pipeline_kit.storage.store import Store
from style_pipeline import partitions
from style_pipeline.assets.current_style import observed
from style_pipeline.film_names import move_former_films
from style_pipeline.intake import paintings, reports, videos
from style_pipeline.intake.also import also_dropped
from style_pipeline.intake.fine import fine_among
from style_pipeline.intake.settings_files import also_in, reading_in
from style_pipeline.object_names import Style
from style_pipeline.partitions import POLL_SECONDS
from style_pipeline.resources.models import shipped_networks, trained_styles
from style_pipeline.resources.trainer import Trainer
from style_pipeline.sensors.decoding_again import starting_again, stopped_by_settings
from style_pipeline.styles import BODY, FINE, FINE_BODY, sample_of

VIDEOS = Inbox(
    asset="videos",
    folder=videos.FOLDER,
    partitions=partitions.videos,
    key=videos.video_key,
    upload_tag=partitions.UPLOAD_TAG,
)
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

FILMS_ARE_NAMED = ledger.fingerprint("films of clip.MP4 are clip.mp4")
"""Entry of the ledger: until 0.1 they were clip.MP4.mp4."""

# Nothing is lost whenever the daemon dies, as the cursor is saved last: the daemon reports the
# events, adds the partitions, reserves the runs, launches them, and then saves the cursor. Whatever
# it did not come to is asked for again, and the run keys keep it from launching twice what it did.
# A listing that fails fails the tick, which keeps the cursor.


@dg.sensor(
    target=dg.AssetSelection.assets("audio", "frames", "look"),
    minimum_interval_seconds=POLL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Starts each video that is dropped into videos/<style>/ of the media store.",
)
def new_videos(
    context: dg.SensorEvaluationContext,
    media: dg.ResourceParam[Store],
    ops: dg.ResourceParam[Store],
) -> dg.SensorResult:
    """Also notes, for each video, what its folder stands for now."""
    listing = media.list(videos.FOLDER)
    pictures = media.list(paintings.FOLDER)
    settings = [file for file in listing if videos.is_settings(file.name)]
    also = list(also_dropped(listing, {file.name: also_in(media, file) for file in settings}))
    dropped = [*listing, *(each.file for each in also)]
    known = ledger.load(context.cursor)
    found = videos.new_videos(
        dropped,
        known,
        trained=trained_styles(ops),
        with_painting=paintings.styles_with_painting(pictures),
        readings={file.name: reading_in(media, file) for file in settings},
        fine=fine_among(media, settings, pictures, fitted=lambda: trained_styles(ops, FINE)),
        hour=_hour(),
    )
    if found.again or found.current_styles:
        found = found.of(context.instance.get_dynamic_partitions(str(partitions.videos.name)))
    _report(context, found, media)
    named = known & {FILMS_ARE_NAMED, _films_of_the_hour()}
    if not named:
        named = _former_films(context, media, ops)
    found = replace(found, ledger=found.ledger | named)
    for file in found.again:
        context.log.info(f"{file.name} is decoded again: style.toml says otherwise than before")
    written = [report.name for report in media.list(reports.FOLDER)]
    edited = {now.key for now in found.current_styles} - {
        videos.video_key(file.name) for file in found.start
    }
    mended = {*stopped_by_settings(media, edited, written)}
    stopped = [file for file in dropped if videos.video_key(file.name) in mended]
    for file in stopped:
        context.log.info(f"{file.name} starts again: the style.toml that stopped it was edited")
    # The report on what was stopped is taken back by `look`: a tick that is repeated needs it.
    _take_back_reports(
        context,
        media,
        written,
        there=[*dropped, *pictures],
        started=[*found.start, *(file for file in found.again if file not in stopped)],
    )
    return VIDEOS.result(
        listing,
        found,
        media,
        originals={each.file.name: each.original for each in also},
        further=starting_again(context.instance, found.again, stopped, cursor=context.cursor or ""),
        events=[
            observed(now.key, now.version, model_hash=now.model_hash, settings=now.settings)
            for now in found.current_styles
        ],
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
    films = media.list(videos.FOLDER) if may_ask else []
    trained = trained_styles(ops)
    shipped = shipped_networks()
    found = paintings.new_paintings(
        listing,
        ledger.load(context.cursor),
        trainable=bool(trainer.photographs) or videos.any_videos(films),
        shipped={style: sha for style, sha in shipped.items() if trained[style] == sha},
        body=BODY,
        fine=_wanted_fine(media, ops, films, listing),
        fine_body=FINE_BODY,
        hour=_hour(),
    )
    _report(context, found, media)
    started = {file.name for file in (*found.start, *found.fine)}
    _delete_reports(context, media, map(reports.report_name, started))
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
    settings = [file for file in films if videos.is_settings(file.name)]
    also = also_dropped(films, {file.name: also_in(media, file) for file in settings})
    fitted = trained_styles(ops, FINE)
    fine = fine_among(media, settings, pictures, fitted=lambda: fitted)
    waited_for = videos.waited_for([*films, *(each.file for each in also)], fine)
    return waited_for | {style for style, _ in fitted.items() - shipped_networks(FINE).items()}


def _former_films(context: dg.SensorEvaluationContext, media: Store, ops: Store) -> ledger.Ledger:
    """Move films of the names of an earlier version; the entry that says that it is done."""
    known = context.instance.get_dynamic_partitions(str(partitions.videos.name))
    try:
        for key, film in move_former_films(media, ops, known):
            context.log.info(f"the film of {key} is {media.location(film)} now")
    except StoreError as error:  # which must not hold up the other files
        context.log.warning(f"films are not moved to their names, for an hour: {error}")
        return frozenset({_films_of_the_hour()})
    return frozenset({FILMS_ARE_NAMED})


def _films_of_the_hour() -> bytes:
    """Entry of the ledger: within this hour films could not be moved."""
    return ledger.fingerprint("films are not moved", str(_hour()))


def _hour() -> int:
    return int(time.time() // 3600)


def _report(context: dg.SensorEvaluationContext, found: ledger.Intake, media: Store) -> None:
    """In the log, and beside the media for those who see no log."""
    for rejection in found.rejected:
        context.log.warning(str(rejection))
        if rejection.waits:
            continue
        written = reports.report(rejection.name, rejection.reason, at=datetime.now(UTC))
        try:
            media.write(reports.report_name(rejection.name), written)
        except StoreError as error:  # which must not hold up the other files
            context.log.warning(f"there is no report on {rejection.name}: {error}")
    for file in found.start:
        context.log.info(f"{file.name} is taken: {file.size} bytes, ETag {file.etag}")


def _take_back_reports(
    context: dg.SensorEvaluationContext,
    media: Store,
    written: Sequence[str],
    *,
    there: Iterable[StoredObject],
    started: Iterable[StoredObject],
) -> None:
    if written:
        names = ((file.name for file in files) for files in (there, started))
        _delete_reports(context, media, reports.out_of_date(written, *names))


def _delete_reports(
    context: dg.SensorEvaluationContext, media: Store, names: Iterable[str]
) -> None:
    for name in names:
        try:
            media.delete(name)
        except StoreError as error:
            context.log.warning(f"the report {name} is out of date and stays: {error}")


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
