"""Whoever dropped a video or a painting that is not taken reads why."""

from collections.abc import Iterable
from datetime import UTC, datetime

import dagster as dg

from pipeline_kit.orchestration.ledger import Intake
from pipeline_kit.storage.objects import StoreError
from pipeline_kit.storage.store import Store
from style_pipeline.intake import reports


def report(context: dg.SensorEvaluationContext, found: Intake, media: Store) -> None:
    """In the log, and beside the media for those who see no log."""
    for rejection in found.rejected:
        context.log.warning(str(rejection))
        if rejection.waits:
            continue
        written = reports.report(rejection.name, rejection.reason, at=datetime.now(UTC))
        try:
            media.write(reports.report_name(rejection.name), written)
        except StoreError as error:  # which must not hold up the other files
            context.log.warning(f"there is no report on {rejection.name}: {error}")
    for file in found.start:
        context.log.info(f"{file.name} is taken: {file.size} bytes, ETag {file.etag}")


def delete_reports(context: dg.SensorEvaluationContext, media: Store, names: Iterable[str]) -> None:
    for name in names:
        try:
            media.delete(name)
        except StoreError as error:
            context.log.warning(f"the report {name} is out of date and stays: {error}")
