"""What the person who dropped a file reads where it turned out not to be usable."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import dagster as dg

from pipeline_kit.storage.objects import ObjectNotFound, StoredObject, StoreError
from pipeline_kit.storage.store import Store
from style_pipeline.intake.reports import report, report_name
from style_pipeline.media.source import REMEDY, UnreadableVideo
from style_pipeline.resources.material import UnusablePainting


@contextmanager
def reported(
    context: dg.AssetExecutionContext, media: Store, dropped: StoredObject
) -> Iterator[None]:
    """Leave a report beside the media where the dropped file is found to be unusable."""
    try:
        yield
    except (UnreadableVideo, UnusablePainting) as error:
        reason = f"{error}: {REMEDY}" if isinstance(error, UnreadableVideo) else str(error)
        try:
            if media.head(dropped.name).etag == dropped.etag:
                written = report(dropped.name, reason, at=datetime.now(UTC))
                media.write(report_name(dropped.name), written)
        except ObjectNotFound:
            pass  # nobody waits for it any more
        except StoreError as failure:
            context.log.warning(f"there is no report on {dropped.name}: {failure}")
        raise
