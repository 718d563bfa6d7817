"""What the sensors of dropped videos and paintings have in common: whoever dropped a file that is
not taken reads why."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime

import dagster as dg

from pipeline_kit.orchestration.ledger import Intake
from pipeline_kit.storage.objects import StoreError
from pipeline_kit.storage.store import Store
from style_pipeline.intake import reports

# Nothing is lost whenever the daemon dies, as the cursor is saved last: the daemon reports the
# events, adds the partitions, reserves the runs, launches them, and then saves the cursor. Whatever
# it did not come to is asked for again, and the run keys keep it from launching twice what it did.
# A listing that fails fails the tick, which keeps the cursor.


def current_hour() -> int:
    """Its number: names are judged so many times an hour."""
    return int(time.time() // 3600)


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
