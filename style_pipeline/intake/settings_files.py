"""What the `style.toml` files beside videos say."""

from functools import lru_cache

from pipeline_kit.storage.objects import ObjectNotFound, StoredObject
from pipeline_kit.storage.store import Store
from style_pipeline.look.style_toml import MAX_SETTINGS_BYTES, BadSettings, Settings, parse_settings
from style_pipeline.styles import FINE


def read_settings(media: Store, file: StoredObject) -> Settings:
    """Raises `BadSettings`."""
    if file.size > MAX_SETTINGS_BYTES:
        raise BadSettings(f"{file.name} has {file.size} bytes: {MAX_SETTINGS_BYTES} are allowed")
    return parse_settings(media.read(file.name), name=file.name)


def reading_in(media: Store, file: StoredObject) -> str | None:
    """How one says that videos are decoded; None where it cannot be read."""
    settings = _settings_in(media, file)
    return None if settings is None else str(settings.reading)


def also_in(media: Store, file: StoredObject) -> tuple[str, ...]:
    """In which further styles one has films made; none where it cannot be read."""
    settings = _settings_in(media, file)
    return (settings.also or ()) if settings else ()


def fine_in(media: Store, file: StoredObject) -> Settings | None:
    """What one says that asks for quality `fine`; None where it does not, or cannot be read."""
    settings = _settings_in(media, file)
    return settings if settings and settings.quality == FINE else None


@lru_cache(maxsize=1000)
def _settings_in(media: Store, file: StoredObject) -> Settings | None:
    # Each version is read once: the sensor polls every few seconds.
    try:
        return read_settings(media, file)
    except (BadSettings, ObjectNotFound):
        return None
