"""Which sources and films lie in the media store: people remove both."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from pipeline_kit.storage.objects import StoredObject
from pipeline_kit.storage.store import Store
from style_pipeline.intake.also import also_listed
from style_pipeline.object_names import FILM_EXTENSIONS, Video
from style_pipeline.status.video_status import VideoStatus


@dataclass(frozen=True)
class Whereabouts:
    """What was listed of the media store."""

    media: Store
    sources: frozenset[str]
    films: frozenset[str]

    def of(self, video: VideoStatus) -> VideoStatus:
        """The video, with where its film is now, and whether film or source were removed."""
        names = Video(video.key)
        own = sorted(names.films & self.films)
        # Of films of several names, that which was delivered last, unless it has been moved.
        delivered = [name for name in own if self.media.location(name) == video.film]
        moved = [name for name in map(names.film, FILM_EXTENSIONS) if name in own]
        film = next(iter((*delivered, *moved, *own)), "")
        return replace(
            video,
            film=self.media.location(film) if film and video.film else "",
            is_film_gone=not film,
            is_source_gone=names.source not in self.sources,
        )


def whereabouts(media: Store, listing: Collection[StoredObject]) -> Whereabouts:
    """By a listing of `videos/`. Raises `StoreError`."""
    dropped = [*listing, *(each.file for each in also_listed(media, listing))]
    films = frozenset(found.name for found in media.list("styled"))
    return Whereabouts(media, frozenset(found.name for found in dropped), films)
