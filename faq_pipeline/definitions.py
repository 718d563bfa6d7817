"""All that the code location offers."""

import dagster as dg

from faq_pipeline.assets.faq_model import faq, faq_model
from faq_pipeline.assets.published_faq_model import faq_evaluation, published_faq_model
from faq_pipeline.partitions import UPLOAD_TAG
from faq_pipeline.resources import resources
from faq_pipeline.sensors import dropped_faqs, new_faqs, publish_faq
from faq_pipeline.settings import notifier
from pipeline_kit.orchestration.lost_runs import lost_runs_sensor
from pipeline_kit.orchestration.notices import told_when_a_sensor_breaks, told_when_failed

defs = dg.Definitions(
    assets=[dropped_faqs, faq, faq_model, faq_evaluation, published_faq_model],
    jobs=[publish_faq],
    sensors=[
        new_faqs,
        lost_runs_sensor("retry_lost_faq_runs", kept_tags=[UPLOAD_TAG]),
        told_when_failed(notifier),
        told_when_a_sensor_breaks(notifier),
    ],
    resources=resources(),
    executor=dg.in_process_executor,
)
