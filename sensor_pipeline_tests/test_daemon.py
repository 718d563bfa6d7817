"""Two hours through the real daemon, of which one loses a shard."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline_kit.storage.store import Store
from pipeline_kit_tests.waiting import wait_for
from sensor_pipeline.object_names import Hour
from sensor_pipeline.plant import Fault, capture
from sensor_pipeline_tests.site import DEVICES, at, capture_name, key, new_site, readings_of
from style_pipeline_tests.dagster_dev import DagsterDev, Run, running

# Dagster is started, and a dozen runs.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SETTINGS = {
    "SENSOR_PIPELINE_POLL_SECONDS": "1",
    "SENSOR_PIPELINE_FIRST_DAY": "2026-03-01",
    "SENSOR_PIPELINE_LAST_DAY": "2026-03-03",
    "SENSOR_PIPELINE_SHARDS": "2",
}
# A lost run stays lost, so that a person has something to do.
INSTANCE = {
    "run_retries": {"enabled": False},
    "run_monitoring": {"enabled": True, "poll_interval_seconds": 1, "start_timeout_seconds": 180},
}
FAULTS = [
    Fault(device=device, sensor=sensor, start=at(1, 5), lasts=timedelta(minutes=2), kind="step")
    for device in DEVICES
    for sensor in ("pressure", "current", "temperature", "vibration")
]


@pytest.fixture
def dev(tmp_path: Path) -> Iterator[DagsterDev]:
    """With detectors that were fitted to an hour before the two."""
    folder = tmp_path / "dev"
    with new_site(folder) as site:
        site.drop(readings_of(0))
        site.make("readings", key(0))
        site.fit()
    with running(folder, SETTINGS, instance=INSTANCE, module="sensor_pipeline.definitions") as dev:
        yield dev


def runs(dev: DagsterDev, asset: str, partition: str, *statuses: str) -> list[Run]:
    return [
        run
        for run in dev.runs()
        if asset in run.assets and run.partition == partition and run.status in statuses
    ]


def told(dev: DagsterDev, hour: int) -> dict[str, Any]:
    place = dev.folder / "media" / Hour(key(hour)).anomalies("json")
    found: dict[str, Any] = json.loads(place.read_text()) if place.exists() else {}
    return found


def test_a_killed_shard_costs_that_shard_and_a_backfill_brings_it(dev: DagsterDev) -> None:
    media = Store(url=(dev.folder / "media").as_uri())
    # After the time in which it would count for the hour before as well.
    late = capture(readings_of(1, faults=FAULTS, seed=2), first=10**6)
    media.write(capture_name(at(1, 30)), late)
    shard = f"{key(1)}|001"
    (lost,) = wait_for("the shard", lambda: runs(dev, "scores", shard, "STARTING", "STARTED"))
    wait_for("its process", lambda: "(pid: " in "".join(dev.messages(lost.run_id)))
    dev.kill(lost)
    wait_for("the loss", lambda: runs(dev, "scores", shard, "FAILURE"))
    partly = wait_for("the others", lambda: told(dev, 1))
    assert partly["missing_shards"] == [1]
    assert 0 < len(partly["events"]) < 8
    assert len(runs(dev, "scores", f"{key(1)}|000", "SUCCESS")) == 1

    dev.backfill("scores", shard)
    whole = wait_for("all of it", lambda: not told(dev, 1)["missing_shards"] and told(dev, 1))
    assert isinstance(whole, dict)
    assert len(whole["events"]) == 8
    assert len(runs(dev, "scores", f"{key(1)}|000", "SUCCESS")) == 1, "it was not scored again"
