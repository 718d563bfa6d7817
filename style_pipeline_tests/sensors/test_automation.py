from typing import Any

import dagster as dg
import pytest
from dagster._core.storage import partition_status_cache

from style_pipeline.sensors.automation import refresh_partition_status
from style_pipeline_tests.test_automation_conditions import CLIP, SLOTS, Automation, plan


def test_what_dagster_lost_count_of_is_counted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    look, other = dg.AssetKey("look"), "brushwork/other.mp4"
    with dg.DagsterInstance.ephemeral() as instance:
        automation = Automation(instance)
        instance.add_dynamic_partitions("videos", [CLIP, other])
        plan(instance, look, other)
        automation.requests()
        for asset in ("audio", "frames"):
            automation.materialized(asset, CLIP)
        automation.materialized("chunk_plan", *SLOTS)
        assert automation.requests() == {}
        count = partition_status_cache.get_last_planned_storage_id

        def count_too_late(instance: dg.DagsterInstance, key: dg.AssetKey, record: Any) -> int:
            if key == look:
                monkeypatch.undo()
                automation.materialized("look", CLIP)
                plan(instance, look, other)
            return count(instance, key, record)

        monkeypatch.setattr(partition_status_cache, "get_last_planned_storage_id", count_too_late)
        for _ in range(3):
            assert automation.requests() == {}, "Dagster counts right by now: is the sensor needed?"
        refresh_partition_status(dg.build_sensor_context(instance=instance))
        assert automation.requests() == {"styled_frames": {*SLOTS}}
