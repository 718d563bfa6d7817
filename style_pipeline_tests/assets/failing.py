"""Runs that fail as they should, and what people read then."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pipeline_kit.storage.objects import ObjectNotFound, StoreUnavailable
from style_pipeline.intake.reports import report_name
from style_pipeline.object_names import Video
from style_pipeline_tests.assets.journey import CLIP, Journey, failure, retries


def fails(journey: Journey, asset: str, video: Video = CLIP, *, slot: int | None = None) -> str:
    """What a person reads after a failure that is final at once and leaves nothing behind."""
    before = journey.contents()
    result = journey.run(asset, video, slot=slot)
    line = failure(result)
    assert line.startswith(f"{video.key}: ")
    assert "\n" not in line
    assert retries(result) == 0
    assert not result.get_asset_materialization_events()
    after = journey.contents()
    told = after.pop(f"media/{report_name(video.source)}", None)
    assert after == before
    assert list(journey.scratch.iterdir()) == []
    reason = line.removeprefix(f"{video.key}: ")
    assert told is None or json.loads(told)["reason"] == reason
    return reason


def reported(journey: Journey, video: Video) -> str | None:
    """The reason that the person reads who dropped the video, where there is a report."""
    try:
        told = json.loads(journey.media.read(report_name(video.source)))
    except ObjectNotFound:
        return None
    assert told["file"] == video.source
    assert datetime.fromisoformat(told["time"]) <= datetime.now(UTC)
    return str(told["reason"])


def failing(times: int, work: Callable[..., Any]) -> Callable[..., Any]:
    """Storage that fails so many times before it works."""
    left = iter(range(times))

    def attempt(*arguments: Any, **options: Any) -> Any:
        if next(left, None) is not None:
            raise StoreUnavailable("cannot reach the store: connection reset")
        return work(*arguments, **options)

    return attempt
