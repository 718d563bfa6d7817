"""Looks at videos that were dropped, as the sensor takes them."""

from collections.abc import Collection, Mapping

from pipeline_kit.orchestration.ledger import Ledger
from pipeline_kit.storage.objects import StoredObject
from style_pipeline.intake.fine import Fine
from style_pipeline.intake.videos import VideoIntake, new_videos

STYLES = {"brushwork": "b1", "fresco": "m1"}
CLIP = StoredObject(name="videos/fresco/clip.mp4", size=9, etag="1")


def look(
    *listing: StoredObject,
    ledger: Ledger = frozenset(),
    limit: int = 100,
    trained: Mapping[str, str] = STYLES,
    with_painting: Collection[str] = (),
    readings: Mapping[str, str | None] | None = None,
    fine: Fine | None = None,
    originals: Mapping[str, str] | None = None,
    hour: int = 0,
) -> VideoIntake:
    return new_videos(
        listing,
        ledger,
        trained=trained,
        with_painting=with_painting,
        readings=readings or {},
        fine=fine or Fine(),
        originals=originals or {},
        limit=limit,
        hour=hour,
    )


def look_twice(*listing: StoredObject, limit: int = 100) -> VideoIntake:
    return look(*listing, ledger=look(*listing).ledger, limit=limit)


def names(found: VideoIntake) -> list[str]:
    return [video.name for video in found.start]
