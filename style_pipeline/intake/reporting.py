"""What the person who dropped a file reads where it turned out not to be usable."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import dagster as dg

from pipeline_kit.errors import PermanentError, UnusableInput
from pipeline_kit.storage.objects import ObjectNotFound, StoredObject, StoreError
from pipeline_kit.storage.store import Store
from style_pipeline.intake.reports import report, report_name
from style_pipeline.look import SETTINGS_FILE


@contextmanager
def reported(
    context: dg.AssetExecutionContext, media: Store, dropped: StoredObject
) -> Iterator[None]:
    """Leave a report beside the media where the dropped file is found to be unusable."""
    try:
        yield
    except UnusableInput as error:
        _write(context, media, dropped, error)
        raise


@contextmanager
def reported_settings(
    context: dg.AssetExecutionContext, media: Store, name: str, upload: str
) -> Iterator[None]:
    """Leave a report on the video of that name and version where its `style.toml` stops it.

    Once that file is edited, the sensor starts what has such a report.
    """
    try:
        yield
    except PermanentError as error:
        dropped = StoredObject(name=name, size=0, etag=upload)
        _write(context, media, dropped, error, stopped_by=SETTINGS_FILE)
        raise


def _write(
    context: dg.AssetExecutionContext,
    media: Store,
    dropped: StoredObject,
    error: PermanentError,
    *,
    stopped_by: str = "",
) -> None:
    try:
        if media.head(dropped.name).etag == dropped.etag:
            now = datetime.now(UTC)
            written = report(dropped.name, error.advice(), at=now, stopped_by=stopped_by)
            media.write(report_name(dropped.name), written)
    except ObjectNotFound:
        pass  # nobody waits for it any more
    except StoreError as failure:
        context.log.warning(f"there is no report on {dropped.name}: {failure}")
