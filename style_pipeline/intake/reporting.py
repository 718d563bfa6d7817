"""What the person who dropped a file reads where it turned out not to be usable."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import dagster as dg

from pipeline_kit.errors import UnusableInput
from pipeline_kit.storage.objects import ObjectNotFound, StoredObject, StoreError
from pipeline_kit.storage.store import Store
from style_pipeline.intake.reports import report, report_name


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
        try:
            if media.head(dropped.name).etag == dropped.etag:
                of = name or dropped.name
                media.write(report_name(of), report(of, error.advice(), at=datetime.now(UTC)))
        except ObjectNotFound:
            pass  # nobody waits for it any more
        except StoreError as failure:
            context.log.warning(f"there is no report on {dropped.name}: {failure}")
        raise
