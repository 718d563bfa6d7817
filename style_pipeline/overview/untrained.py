"""Videos that wait until their style is trained, of which Dagster knows nothing yet."""

from collections.abc import Mapping

from style_pipeline.intake import paintings, videos
from style_pipeline.intake.ledger import WAITS
from style_pipeline.intake.names import is_ignored
from style_pipeline.overview.video_status import STEPS, Step, VideoStatus
from style_pipeline.resources.stores import Store


def waiting_videos(media: Store, *, trained: Mapping[str, str]) -> list[VideoStatus]:
    """Those whose style has a painting and is none of `trained`. Raises `StoreError`."""
    painted = paintings.painted_styles(media.list(paintings.FOLDER))
    reasons = {
        found.name: videos.rejection(found.name, trained=trained, painted=painted)
        for style in sorted(painted - trained.keys())
        for found in media.list(f"{videos.FOLDER}/{style}")
        if not is_ignored(found)
    }
    return [
        VideoStatus(
            key=videos.video_key(name),
            steps=dict.fromkeys(STEPS, Step()),
            reason=reason.removeprefix(WAITS),
        )
        for name, reason in reasons.items()
        if reason and reason.startswith(WAITS)
    ]
