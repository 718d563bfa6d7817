"""Videos that wait until their style is trained, of which Dagster knows nothing yet."""

from collections.abc import Mapping

from pipeline_kit.orchestration.ledger import WAITS
from pipeline_kit.orchestration.names import is_ignored
from pipeline_kit.storage.store import Store
from style_pipeline.intake import paintings, videos
from style_pipeline.status.video_status import STEPS, Step, VideoStatus


def waiting_videos(media: Store, *, trained: Mapping[str, str]) -> list[VideoStatus]:
    """Those whose style has a painting and is none of `trained`. Raises `StoreError`."""
    with_painting = paintings.styles_with_painting(media.list(paintings.FOLDER))
    reasons = {
        found.name: videos.rejection(found.name, trained=trained, with_painting=with_painting)
        for style in sorted(with_painting - trained.keys())
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
