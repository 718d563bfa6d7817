"""Films that somebody asked for: whose they are, and what of them is there."""

import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from pipeline_kit.orchestration.names import extension, is_ignored
from pipeline_kit.storage.objects import ObjectNotFound, StoredObject
from pipeline_kit.storage.store import Store
from scoring_service.access import OPEN
from scoring_service.drops import HELD, Drop
from scoring_service.errors import Refused
from style_pipeline.intake.names import EXTENSIONS, FOLDER, video_key
from style_pipeline.intake.reports import read_report, report_name
from style_pipeline.object_names import Video

RECORDS: Final = "studio"
"""Of the ops store: a folder for each person, with a record of each film."""
MOST: Final = 60
"""Films of a gallery, the latest."""
_DAY: Final = 86_400
_ID: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Film:
    """One that somebody asked for."""

    video: Video
    asked: float
    """Seconds since 1970."""

    @property
    def id(self) -> str:
        """What it is called in a URL. It opens nothing: whose it is says the record."""
        return blake2b(self.video.key.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True)
class Found:
    """What the media store has of a film; nothing where that is not there."""

    film: str = ""
    sheet: str = ""
    refused: str = ""
    """Why its video was not taken."""


class Films:
    """Each caller's own; `OPEN`, on this machine without keys, sees all that was ever dropped."""

    def __init__(self, media: Store, ops: Store) -> None:
        self.media, self.ops = media, ops

    def record(self, owner: str, drop: Drop) -> Film:
        """Note whose it is, before it can be there."""
        record = {"owner": owner, "video": drop.video.key, "settings": drop.settings}
        id = Film(drop.video, 0).id
        stored = self.ops.write(_record(owner, id), json.dumps(record, indent=2).encode())
        return Film(drop.video, stored.modified)

    def start(self, owner: str, held: Film, drop: Drop) -> Film:
        """Move a video that was held to its style, with its settings. Raises `StoreError`."""
        self.media.write(drop.settings_file, drop.settings.encode())
        film = self.record(owner, drop)
        self.media.rename(held.video.source, drop.video.source)
        self.ops.delete(_record(owner, held.id))
        return film

    def tidy(self) -> None:
        """Remove what was held for a day, and nobody gave a style."""
        for found in self.media.list(f"{FOLDER}/{HELD}"):
            if found.modified < time.time() - _DAY:
                self.media.delete(found.name)

    def of(self, owner: str) -> list[Film]:
        """The latest first. Raises `StoreError`."""
        listed = self.ops.list(_folder(owner))
        latest = sorted(listed, key=lambda each: each.modified, reverse=True)[:MOST]

        def read(record: StoredObject) -> Film | None:
            try:
                return self._film(record)
            except (ObjectNotFound, KeyError, TypeError, ValueError):  # none of ours
                return None

        with ThreadPoolExecutor(16) as pool:
            films = [*pool.map(read, latest)]
        found = {film.id: film for film in films if film and film.video.style != HELD}
        if owner == OPEN:
            found = {**{film.id: film for film in self._dropped()}, **found}
        return sorted(found.values(), key=lambda film: film.asked, reverse=True)[:MOST]

    def find(self, owner: str, id: str) -> Film:
        """Raises `Refused` with 404, as for what there is not, where it is somebody else's."""
        unknown = Refused(404, "there is no such film")
        if not _ID.fullmatch(id):
            raise unknown
        try:
            return self._film(self.ops.head(_record(owner, id)))
        except ObjectNotFound:
            own = self._dropped() if owner == OPEN else ()
            film = next((film for film in own if film.id == id), None)
            if film is None:
                raise unknown from None
            return film

    def found(self, film: Film) -> Found:
        """What there is of it now. Raises `StoreError`."""
        video = film.video
        folder = video.key.rpartition("/")[0]
        delivered = {each.name: each for each in self.media.list(f"styled/{folder}")}
        own = [delivered[name] for name in video.films & delivered.keys()]
        newest = max(own, key=lambda each: each.modified, default=None)
        if newest:
            sheet = video.contact_sheet if video.contact_sheet in delivered else ""
            return Found(newest.name, sheet)
        try:
            return Found(refused=read_report(self.media.read(report_name(video.source))).reason)
        except (ObjectNotFound, ValueError):
            return Found()

    def is_dropped(self, film: Film) -> bool:
        """Whether its video has come."""
        try:
            return bool(self.media.head(film.video.source))
        except ObjectNotFound:
            return False

    def _film(self, record: StoredObject) -> Film:
        said = json.loads(self.ops.read(record.name))
        return Film(Video(str(said["video"])), record.modified)

    def _dropped(self) -> Iterator[Film]:
        for each in self.media.list(FOLDER):
            if extension(each.name) in EXTENSIONS and not is_ignored(each):
                yield Film(Video(video_key(each.name)), each.modified)


def _folder(owner: str) -> str:
    # A hash, as the name of a key may be that of no folder.
    return f"{RECORDS}/{blake2b(owner.encode(), digest_size=16).hexdigest()}"


def _record(owner: str, id: str) -> str:
    return f"{_folder(owner)}/{id}.json"
