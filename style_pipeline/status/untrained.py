"""Videos that wait until their style is trained, of which Dagster knows nothing yet."""

from collections.abc import Callable, Collection, Mapping

from pipeline_kit.orchestration.ledger import WAITS
from pipeline_kit.orchestration.names import is_ignored
from pipeline_kit.storage.objects import StoredObject
from pipeline_kit.storage.store import Store
from style_pipeline.intake.also import also_listed
from style_pipeline.intake.fine import fine_among
from style_pipeline.intake.names import is_settings, video_key
from style_pipeline.intake.paintings import styles_with_painting
from style_pipeline.intake.videos import rejection
from style_pipeline.look.style_toml import nearest
from style_pipeline.object_names import Style
from style_pipeline.status.video_status import STEPS, Step, VideoStatus
from style_pipeline.styles import FINE


def waiting_videos(
    media: Store,
    listing: Collection[StoredObject],
    pictures: Collection[StoredObject],
    *,
    trained: Mapping[str, str],
    fitted: Callable[[], Mapping[str, str]],
) -> list[VideoStatus]:
    """Those whose style has a painting and is none of `trained`, or is to be fine and none of
    `fitted`, by listings of `videos/` and `styles/`. Raises `StoreError`."""
    with_painting = styles_with_painting(pictures)
    settings = {file.name for file in listing if is_settings(file.name)}
    fine = fine_among(media, listing, pictures, fitted=fitted)
    found = []
    for file in (*listing, *(each.file for each in also_listed(media, listing))):
        key = video_key(file.name)
        if is_ignored(file) or file.name in settings:
            continue
        below = nearest(key, settings)
        reason = rejection(
            file.name, trained=trained, with_painting=with_painting, fine=fine, settings=below
        )
        if reason and reason.startswith(WAITS):
            lacking = fine.lacking(key, below)
            found.append(
                VideoStatus(
                    key=key,
                    steps=dict.fromkeys(STEPS, Step()),
                    reason=reason.removeprefix(WAITS),
                    waits_for=Style.of(lacking[0], FINE).key if lacking else "",
                )
            )
    return found
