"""Step 5, sensors: what starts a run, and what starts one again that was lost."""

import dagster as dg

from pipeline_kit.orchestration import ledger
from pipeline_kit.orchestration.inbox import Inbox
from pipeline_kit.orchestration.lost_runs import lost_runs_sensor
from pipeline_kit.storage.store import Store
from pipeline_kit_tests.example.assets import SETTINGS, UPLOAD_TAG, files
from pipeline_kit_tests.example.intake import FOLDER, picture_key
from pipeline_kit_tests.example.intake import new_pictures as decide

INBOX = Inbox(
    asset="pictures", folder=FOLDER, partitions=files, key=picture_key, upload_tag=UPLOAD_TAG
)


@dg.sensor(
    target=dg.AssetSelection.assets("labels"),
    minimum_interval_seconds=SETTINGS.poll_seconds,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def new_pictures(
    context: dg.SensorEvaluationContext, store: dg.ResourceParam[Store]
) -> dg.SensorResult:
    listing = store.list(FOLDER)
    return INBOX.result(listing, decide(listing, ledger.load(context.cursor)), store, events=())


retry_lost_labels = lost_runs_sensor("retry_lost_labels", kept_tags=[UPLOAD_TAG])
