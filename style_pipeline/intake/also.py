"""Videos that are to be made in more styles than that of their folder."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from pipeline_kit.orchestration.names import extension, is_ignored
from pipeline_kit.storage.objects import StoredObject
from pipeline_kit.storage.store import Store
from style_pipeline.intake.names import EXTENSIONS, is_settings, video_key
from style_pipeline.intake.settings_files import also_in
from style_pipeline.look.style_toml import nearest
from style_pipeline.object_names import Video


@dataclass(frozen=True)
class Also:
    """A file as if it had been dropped into the folder of another style."""

    file: StoredObject
    original: str
    """Where it lies."""


def also_dropped(
    listing: Collection[StoredObject], styles: Mapping[str, Collection[str]]
) -> Iterator[Also]:
    """What there would be in the folders of those styles that each `style.toml` names.

    A file that is there in fact goes before; of several that would be one, the first by name does.
    """
    names = {found.name for found in listing}
    for file in sorted(listing, key=lambda file: file.name.split("/")):
        if is_ignored(file) or is_settings(file.name) or extension(file.name) not in EXTENSIONS:
            continue
        video = Video(video_key(file.name))
        for style in styles.get(nearest(video.key, names), ()):
            name = video.in_style(style).source
            if name not in names:
                names.add(name)
                yield Also(replace(file, name=name), file.name)


def perhaps_dropped(
    listing: Collection[StoredObject], unreadable: Collection[str], styles: Collection[str]
) -> list[StoredObject]:
    """What there may be in the folders of these styles by a `style.toml` that cannot be read."""
    return [each.file for each in also_dropped(listing, dict.fromkeys(unreadable, styles))]


def also_listed(media: Store, listing: Collection[StoredObject]) -> list[Also]:
    """The same, by what the `style.toml` of the listing say."""
    settings = [file for file in listing if is_settings(file.name)]
    return list(also_dropped(listing, {file.name: also_in(media, file) for file in settings}))
