"""What the person who dropped a file reads where it turned out not to be usable."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import dagster as dg

from pipeline_kit.errors import PermanentError, UnusableInput
from pipeline_kit.storage.objects import ObjectNotFound, StoredObject, StoreError
from pipeline_kit.storage.store import Store
from style_pipeline.intake.reports import report, report_name
from style_pipeline.look.style_toml import SETTINGS_FILE


@contextmanager
def reported(
    context: dg.AssetExecutionContext, media: Store, dropped: StoredObject, *, name: str = ""
) -> Iterator[None]:
    """Leave a report beside the media where the dropped file is found to be unusable.

    It is on that file or, of one that is to be made in another style, too, on the `name` there.
    """
    try:
        yield
    except UnusableInput as error:
        _write(context, media, dropped, error, name=name)
        raise


@contextmanager
def reported_settings(
    context: dg.AssetExecutionContext, media: Store, dropped: StoredObject, *, name: str = ""
) -> Iterator[None]:
    """Leave a report on the dropped file where its `style.toml` stops it; `name` as in `reported`.

    Once that file is edited, the sensor starts what has such a report.
    """
    try:
        yield
    except PermanentError as error:
        _write(context, media, dropped, error, name=name, stopped_by=SETTINGS_FILE)
        raise


def _write(
    context: dg.AssetExecutionContext,
    media: Store,
    dropped: StoredObject,
    error: PermanentError,
    *,
    name: str,
    stopped_by: str = "",
) -> None:
    name = name or dropped.name
    try:
        if media.head(dropped.name).etag == dropped.etag:
            now = datetime.now(UTC)
            written = report(name, error.advice(), at=now, stopped_by=stopped_by)
            media.write(report_name(name), written)
    except ObjectNotFound:
        pass  # nobody waits for it any more
    except StoreError as failure:
        context.log.warning(f"there is no report on {name}: {failure}")
