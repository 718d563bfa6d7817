"""What people are told of films and styles."""

from collections.abc import Mapping
from typing import Any

from pipeline_kit.durations import duration
from pipeline_kit.orchestration.notifications import Notice, Notifier
from style_pipeline.settings import notification_settings


def notifier() -> Notifier:
    """As it is set now."""
    return notification_settings().notifier()


def film_notice(video: str, metadata: Mapping[str, Any]) -> Notice:
    """Of a film that was delivered."""
    film, left_out = str(metadata.get("film", "")), str(metadata.get("left_out", "nothing"))
    seconds = float(metadata.get("seconds", 0))
    said = [film, f"left out: {left_out}" if left_out != "nothing" else ""]
    return Notice(
        kind="done",
        title=f"{video} is a film of {duration(seconds)} now",
        text="\n".join(filter(None, said)),
        facts={
            "video": video,
            "film": film,
            "seconds": seconds,
            "style": str(metadata.get("style", "")),
        },
    )


def style_notice(style: str, metadata: Mapping[str, Any]) -> Notice:
    """Of a painting that became a style."""
    return Notice(
        kind="trained",
        title=f"the style {style} is trained",
        text="Videos that wait for it start by themselves.",
        facts={"style": style, "model_hash": str(metadata.get("model_hash", ""))},
    )
