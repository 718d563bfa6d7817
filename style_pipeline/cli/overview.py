"""What `status` shows, and which videos other commands are about: what Dagster remembers of videos,
and what lies in the media store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from style_pipeline.cli.setup import open_store_if_there, trained_here
from style_pipeline.styles import FINE

if TYPE_CHECKING:
    from dagster import DagsterInstance

    from pipeline_kit.storage.store import Store
    from style_pipeline.cli.status_table import Overview
    from style_pipeline.intake.reports import Rejected
    from style_pipeline.status.trainings import TrainingStatus
    from style_pipeline.status.video_status import VideoStatus


def overview(instance: DagsterInstance, patterns: tuple[str, ...]) -> Overview:
    """What is known of the videos that were asked for."""
    from style_pipeline.cli.status_table import Overview
    from style_pipeline.status.recorded import daemon_is_alive, known_videos, video_statuses
    from style_pipeline.status.video_status import State, in_order

    known = known_videos(instance)
    listing = list_media(instance)
    waiting = {video.key: video for video in listing.untrained if video.key not in known}
    names = [*known, *waiting, *(file.key for file in listing.refused)]
    keys = set(chosen(patterns, names))
    found = video_statuses(instance, [key for key in known if key in keys])
    found = in_order(
        [*map(listing.located, found), *(waiting[key] for key in keys & waiting.keys())]
    )
    # A video that could not be read has a report too, which says the same.
    told = {video.key for video in found if video.state in (State.FAILED, State.GONE)}
    refused = [file for file in listing.refused if file.key in keys - told - waiting.keys()]
    return Overview(
        videos=found,
        trainings=() if patterns else listing.trainings,
        refused=refused,
        films=listing.media.location("styled") if listing.media else "",
        goes_on=daemon_is_alive(instance),
        notes=listing.notes,
    )


@dataclass(frozen=True)
class MediaListing:
    """What lies in the media store; nothing where that cannot be found out."""

    media: Store | None = None
    refused: Sequence[Rejected] = ()
    untrained: Sequence[VideoStatus] = ()
    trainings: Sequence[TrainingStatus] = ()
    located: Callable[[VideoStatus], VideoStatus] = lambda video: video
    """The video, with whether its source and its film are there."""
    notes: Sequence[str] = ()
    """What could not be listed, and which styles are of a former version."""


def list_media(instance: DagsterInstance) -> MediaListing:
    """Looks through the media store."""
    from pipeline_kit.storage.objects import StoreError
    from style_pipeline.intake import paintings
    from style_pipeline.intake.names import FOLDER
    from style_pipeline.status.former_styles import former_styles
    from style_pipeline.status.rejected import rejected_files
    from style_pipeline.status.trainings import held_up, training_statuses
    from style_pipeline.status.untrained import waiting_videos
    from style_pipeline.status.whereabouts import whereabouts

    try:
        media = open_store_if_there("media")
        if media is None:
            raise StoreError("the folder of the media store is not there")
        refused, more = rejected_files(media)
        pictures, videos = media.list(paintings.FOLDER), media.list(FOLDER)
        waiting = waiting_videos(
            media, videos, pictures, trained=trained_here(), fitted=lambda: trained_here(FINE)
        )
        painted = paintings.styles_with_painting(pictures)
        located = whereabouts(media, videos).of
        notes = [*former_styles(instance, with_painting=painted)]
    except StoreError as error:
        return MediaListing(notes=[f"files that were not taken are not listed: {error}"])
    if more:
        notes.append(f"{more} older files were not taken: see rejected/ beside videos/")
    trainings = training_statuses(instance, with_painting=painted)
    untrained = [held_up(video, trainings) for video in waiting]
    return MediaListing(media, refused, untrained, trainings, located, notes)


def chosen(patterns: tuple[str, ...], known: Sequence[str]) -> list[str]:
    """Keys of the videos that were asked for. Raises `click.UsageError` where one is not known."""
    from fnmatch import fnmatchcase

    for pattern in patterns:
        if not any(fnmatchcase(key, pattern) for key in known):
            raise click.UsageError(
                f"no video {pattern!r} was taken: `style-pipeline status` lists what was dropped"
            )
    return [key for key in known if not patterns or any(fnmatchcase(key, p) for p in patterns)]
