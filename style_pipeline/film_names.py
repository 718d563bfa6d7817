"""Names of delivered films: who has one, and films that still have that of an earlier version."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from pipeline_kit.errors import PermanentError
from pipeline_kit.storage.objects import ObjectNotFound, StoredObject
from pipeline_kit.storage.store import Store
from style_pipeline.media.subtitles import is_sidecar
from style_pipeline.object_names import FILM_EXTENSIONS, Video


class NameTaken(PermanentError):
    """The film of another video has the name that this one's would have."""


def record_film(ops: Store, video: Video, film: StoredObject, *, inputs: str) -> None:
    """Note which film was delivered; to be called when all that belongs to it is published."""
    record = {"film": film.name, "etag": film.etag, "inputs": inputs}
    ops.write(video.film_record, json.dumps(record, indent=2).encode())


def recorded_film(ops: Store, video: Video) -> dict[str, str]:
    """What `record_film` noted, or nothing."""
    try:
        record = json.loads(ops.read(video.film_record))
        return {name: str(record[name]) for name in ("film", "etag", "inputs")}
    except (ObjectNotFound, KeyError, TypeError, ValueError):
        return {}


def check_name_is_free(ops: Store, video: Video, film: str, known: Iterable[str]) -> None:
    """Raises `NameTaken` where a film of another of the `known` videos has the name `film`.

    The sensor takes no two such videos, but an earlier version took both `clip.MP4` and `clip.mp4`.
    """
    for key in known:
        rival = Video(key)
        if (
            key != video.key
            and key.lower() == video.key.lower()
            and film in rival.films
            and recorded_film(ops, rival).get("film") == film
        ):
            raise NameTaken(
                f"its film would have the name of that of {key}: rename the file {video.source}"
            )


def former_films(known: Collection[str], there: Collection[str]) -> dict[str, tuple[str, str]]:
    """By video, the former name of its film and the one that it is to have.

    `known` are the videos that were taken, and `there` the names of all that was delivered. A film
    stays where it is while another's has the name.
    """
    names = set(there)
    owners = Counter(Video(key).film(extension) for key in known for extension in FILM_EXTENSIONS)
    found = {}
    for key in sorted(known):
        for extension in FILM_EXTENSIONS:
            former, now = Video(key).former_film(extension), Video(key).film(extension)
            if former != now and former in names and now not in names and owners[now] == 1:
                found[key] = (former, now)
    return found


def move_former_films(
    media: Store, ops: Store, known: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Move the films of videos as `clip.MP4`, with the subtitles beside them.

    Yields each video and the name of its film. Raises `StoreError`; what was moved stays so.
    """
    there = [found.name for found in media.list("styled")]
    for key, (former, now) in former_films(known, there).items():
        for name in there:
            if is_sidecar(name, film=former):
                media.rename(name, now.rpartition(".")[0] + name[len(former.rpartition(".")[0]) :])
        film = media.rename(former, now)
        if record := recorded_film(ops, Video(key)):
            record_film(ops, Video(key), film, inputs=record["inputs"])
        yield key, now
