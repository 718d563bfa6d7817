"""Sensors and schedules of the code location, evaluated by hand."""

from datetime import UTC, datetime
from typing import Any

import dagster as dg

from sensor_pipeline.definitions import defs
from sensor_pipeline_tests.site import Site


class Poll:
    """A sensor with its memory."""

    def __init__(self, site: Site, sensor: Any) -> None:
        self.site, self.sensor = site, sensor
        self.cursor: str | None = None

    def __call__(self) -> list[str]:
        """The partitions that are asked for; `sort` for files that have none."""
        with dg.build_sensor_context(
            instance=self.site.instance,
            cursor=self.cursor,
            definitions=defs,
            resources=_resources(self.site, self.sensor),
        ) as context:
            tick = self.sensor.evaluate_tick(context)
        self.cursor = tick.cursor
        self.events = tick.asset_events
        return [request.partition_key or "sort" for request in tick.run_requests or ()]


def scheduled(schedule: Any, site: Site, time: datetime) -> Any:
    """What a schedule does at that time."""
    with dg.build_schedule_context(
        instance=site.instance,
        scheduled_execution_time=time.replace(tzinfo=UTC),
        repository_def=defs.get_repository_def(),
        resources=_resources(site, schedule),
    ) as context:
        return schedule.evaluate_tick(context)


def _resources(site: Site, of: Any) -> dict[str, Any]:
    given = {"media": site.media, "ops": site.ops}
    return {name: given[name] for name in of.required_resource_keys}
