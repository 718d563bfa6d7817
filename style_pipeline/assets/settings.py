"""The `style.toml` that holds for a video: how it is read, and how it is painted."""

from style_pipeline.look import (
    MAX_SETTINGS_BYTES,
    BadSettings,
    Settings,
    parse_settings,
    settings_places,
)
from style_pipeline.partitions import Video
from style_pipeline.resources.stores import ObjectNotFound, Store, StoredObject


def nearest_settings(media: Store, video: Video) -> StoredObject | None:
    """The `style.toml` in the video's folder, or in the next one above that has any."""
    for name in settings_places(video.key):
        try:
            return media.head(name)
        except ObjectNotFound:
            continue
    return None


def read_settings(media: Store, file: StoredObject) -> Settings:
    """Raises `BadSettings`."""
    if file.size > MAX_SETTINGS_BYTES:
        raise BadSettings(f"{file.name} has {file.size} bytes: {MAX_SETTINGS_BYTES} are allowed")
    return parse_settings(media.read(file.name), name=file.name)


def conceals_damage(media: Store, video: Video) -> bool:
    """Whether what is damaged is taken as its decoder makes it up. Raises `BadSettings`."""
    file = nearest_settings(media, video)
    settings = read_settings(media, file) if file else {}
    return settings.get("damaged") == "conceal"
