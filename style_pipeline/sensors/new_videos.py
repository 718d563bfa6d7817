"""The sensor of dropped videos."""

from dataclasses import replace

import dagster as dg

from pipeline_kit.orchestration import ledger
from pipeline_kit.orchestration.inbox import Inbox, current_hour
from pipeline_kit.storage.objects import StoreError
from pipeline_kit.storage.store import Store
from style_pipeline import partitions
from style_pipeline.assets.current_style import observed
from style_pipeline.film_names import move_former_films
from style_pipeline.intake import names, paintings, reports, videos
from style_pipeline.intake.also import also_listed, perhaps_dropped
from style_pipeline.intake.fine import fine_among
from style_pipeline.intake.settings_files import reading_in
from style_pipeline.partitions import POLL_SECONDS
from style_pipeline.resources.models import trained_styles
from style_pipeline.sensors.decoding_again import starting_again, stopped_by_settings
from style_pipeline.sensors.reporting import delete_reports, report
from style_pipeline.styles import FINE

VIDEOS = Inbox(
    asset="videos",
    folder=names.FOLDER,
    partitions=partitions.videos,
    key=names.video_key,
    upload_tag=partitions.UPLOAD_TAG,
)

FILMS_ARE_NAMED = ledger.fingerprint("films of clip.MP4 are clip.mp4")
"""Entry of the ledger: until 0.1 they were clip.MP4.mp4."""


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
    listing = media.list(names.FOLDER)
    pictures = media.list(paintings.FOLDER)
    settings = [file for file in listing if names.is_settings(file.name)]
    also = also_listed(media, listing)
    dropped = [*listing, *(each.file for each in also)]
    originals = {each.file.name: each.original for each in also}
    known = ledger.load(context.cursor)
    trained, with_painting = trained_styles(ops), paintings.styles_with_painting(pictures)
    readings = {file.name: reading_in(media, file) for file in settings}
    unreadable = [name for name, reading in readings.items() if reading is None]
    found = videos.new_videos(
        dropped,
        known,
        trained=trained,
        with_painting=with_painting,
        readings=readings,
        fine=fine_among(media, listing, pictures, fitted=lambda: trained_styles(ops, FINE)),
        originals=originals,
        hour=current_hour(),
    )
    if found.again or found.current_styles:
        found = found.of(context.instance.get_dynamic_partitions(str(partitions.videos.name)))
    report(context, found, media)
    named = known & {FILMS_ARE_NAMED, _not_moved_this_hour()}
    if not named:
        named = _former_films(context, media, ops)
    # What was taken by the `also` of a style.toml with a slip in it is not new once that is fixed.
    perhaps = perhaps_dropped(listing, unreadable, {*trained, *with_painting})
    kept = ledger.taken_among(perhaps, known)
    found = replace(found, ledger=found.ledger | named | kept)
    for file in found.again:
        context.log.info(f"{file.name} is decoded again: style.toml says otherwise than before")
    written = [each.name for each in media.list(reports.FOLDER)]
    edited = {now.key for now in found.current_styles} - {
        names.video_key(file.name) for file in found.start
    }
    fixed = {*stopped_by_settings(media, edited, written)}
    stopped = [file for file in dropped if names.video_key(file.name) in fixed]
    for file in stopped:
        context.log.info(f"{file.name} starts again: the style.toml that stopped it was edited")
    # The report on what was stopped is taken back by `look`: a tick that is repeated needs it.
    if written:
        started = [*found.start, *(file for file in found.again if file not in stopped)]
        told = ((file.name for file in files) for files in ([*dropped, *pictures], started))
        delete_reports(context, media, reports.out_of_date(written, *told))
    return VIDEOS.result(
        listing,
        found,
        media,
        originals=originals,
        further=starting_again(context.instance, found.again, stopped, cursor=context.cursor or ""),
        events=[
            observed(now.key, now.version, model_hash=now.model_hash, settings=now.settings)
            for now in found.current_styles
        ],
    )


def _former_films(context: dg.SensorEvaluationContext, media: Store, ops: Store) -> ledger.Ledger:
    """Move films of the names of an earlier version; the entry that says that it is done."""
    known = context.instance.get_dynamic_partitions(str(partitions.videos.name))
    try:
        for key, film in move_former_films(media, ops, known):
            context.log.info(f"the film of {key} is {media.location(film)} now")
    except StoreError as error:  # which must not hold up the other files
        context.log.warning(f"films are not moved to their names, for an hour: {error}")
        return frozenset({_not_moved_this_hour()})
    return frozenset({FILMS_ARE_NAMED})


def _not_moved_this_hour() -> bytes:
    """Entry of the ledger: within this hour films could not be moved."""
    return ledger.fingerprint("films are not moved", str(current_hour()))
