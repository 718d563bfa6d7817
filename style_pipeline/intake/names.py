"""What dropped videos, and the settings beside them, are called."""

from collections.abc import Iterable

from pipeline_kit.orchestration.names import extension, is_ignored
from pipeline_kit.storage.objects import StoredObject
from style_pipeline.look.style_toml import SETTINGS_FILE

FOLDER = "videos"

EXTENSIONS = (
    *("mp4", "m4v", "mov", "mkv", "webm", "avi", "ts", "mts", "m2ts"),
    *("flv", "gif", "mpg", "mpeg", "wmv", "ogv", "3gp"),
)


def video_key(name: str) -> str:
    """The partition key of the object `name`: its place below `videos/`."""
    return name.removeprefix(f"{FOLDER}/")


def is_settings(name: str) -> bool:
    """Whether it is the `style.toml` of a style's folder."""
    return name.endswith(f"/{SETTINGS_FILE}") and "/" in video_key(name)


def any_videos(listing: Iterable[StoredObject]) -> bool:
    """Whether something there can be learned from."""
    return any(map(may_be_video, listing))


def may_be_video(found: StoredObject) -> bool:
    return bool(found.size and not is_ignored(found) and extension(found.name) in EXTENSIONS)
