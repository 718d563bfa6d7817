"""What starts runs: a FAQ that was dropped, or a new version of it."""

import dagster as dg

from faq_pipeline.intake import FOLDER, faq_key, sift_faqs
from faq_pipeline.partitions import SETTINGS, UPLOAD_TAG, faq_files
from pipeline_kit.orchestration import ledger
from pipeline_kit.orchestration.inbox import Inbox, current_hour
from pipeline_kit.storage.store import Store

INBOX = Inbox(
    asset="dropped_faqs",
    folder=FOLDER,
    partitions=faq_files,
    key=faq_key,
    upload_tag=UPLOAD_TAG,
)
publish_faq = dg.define_asset_job(
    "publish_faq",
    selection=["faq", "faq_model", "faq_evaluation", "published_faq_model"],
    description="From a dropped FAQ to the model that answers.",
)
dropped_faqs = dg.AssetSpec(
    "dropped_faqs",
    partitions_def=faq_files,
    group_name="faq",
    owners=["team:faq"],
    description="Files that people drop into faq/ of the media store: questions and answers.",
)


@dg.sensor(
    job=publish_faq,
    minimum_interval_seconds=SETTINGS.poll_seconds,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Starts a run for each FAQ that was dropped, and for each new version of one.",
)
def new_faqs(
    context: dg.SensorEvaluationContext, media: dg.ResourceParam[Store]
) -> dg.SensorResult:
    """A listing that fails fails the tick, and changes nothing."""
    listing = media.list(FOLDER)
    found = sift_faqs(listing, ledger.load(context.cursor), hour=current_hour())
    return INBOX.result(listing, found, media, events=())
