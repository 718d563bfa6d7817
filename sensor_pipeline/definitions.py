"""All that the code location offers."""

from warnings import catch_warnings, filterwarnings

import dagster as dg

from pipeline_kit.orchestration.lost_runs import lost_runs_sensor
from pipeline_kit.orchestration.notices import (
    told_when_a_sensor_breaks,
    told_when_failed,
    told_when_made,
)
from sensor_pipeline.assets.anomalies import anomalies
from sensor_pipeline.assets.detectors import detectors
from sensor_pipeline.assets.readings import readings
from sensor_pipeline.assets.scores import scores
from sensor_pipeline.notices import anomalies_notice, notifier
from sensor_pipeline.partitions import SETTINGS
from sensor_pipeline.resources import resources
from sensor_pipeline.sensors.housekeeping import every_night, every_week, more_shards, retention
from sensor_pipeline.sensors.incomplete_hours import incomplete_hours
from sensor_pipeline.sensors.late_readings import every_hour, late_readings, sort_readings

automation = dg.AutomationConditionSensorDefinition(
    "follow_the_readings",
    target=dg.AssetSelection.assets("scores", "anomalies"),
    minimum_interval_seconds=SETTINGS.poll_seconds,
    default_status=dg.DefaultSensorStatus.RUNNING,
    emit_backfills=False,
    description="Scores the shards of an hour that was read, then finds its anomalies.",
)
with catch_warnings():
    # Superseded by policies of freshness, which know no partitions: they would call an hour fresh
    # that is missing, as long as any other was made.
    filterwarnings("ignore", message="Function `build_time_partition_freshness_checks`")
    fresh = dg.build_time_partition_freshness_checks(
        assets=[readings, anomalies], deadline_cron="40 * * * *"
    )
check_freshness = dg.ScheduleDefinition(
    name="check_freshness",
    job=dg.define_asset_job(
        "look_for_missing_hours",
        selection=dg.AssetSelection.checks(*fresh),
    ),
    cron_schedule="45 * * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Says which assets have no latest hour.",
)

defs = dg.Definitions(
    assets=[readings, detectors, scores, anomalies],
    asset_checks=fresh,
    jobs=[sort_readings, retention],
    schedules=[every_hour, every_week, every_night, check_freshness],
    sensors=[
        *(late_readings, automation, incomplete_hours, more_shards),
        lost_runs_sensor("retry_lost_sensor_runs"),
        told_when_made(notifier, {"anomalies": anomalies_notice}),
        told_when_failed(notifier),
        told_when_a_sensor_breaks(notifier),
    ],
    resources=resources(),
    executor=dg.in_process_executor,
)
with catch_warnings():
    # Of a field of sensors that Dagster itself fills in, as it puts this together.
    filterwarnings("ignore", message="Parameter `owners` of initializer `SensorDefinition")
    defs.get_repository_def()
