"""What the code location offers."""

import dagster as dg
import pytest

from sensor_pipeline.definitions import defs

graph = defs.resolve_asset_graph()
ORIGINS = {
    "readings": set(),
    "detectors": set(),
    "scores": {"readings", "detectors"},
    "anomalies": {"scores"},
}


def test_all_that_is_offered_can_be_loaded() -> None:
    dg.Definitions.validate_loadable(defs)
    assert {key.path[-1] for key in graph.get_all_asset_keys()} == set(ORIGINS)


@pytest.mark.parametrize("name", ORIGINS)
def test_an_asset_has_its_group_owner_description_and_origin(name: str) -> None:
    spec = graph.get(dg.AssetKey(name)).to_asset_spec()
    assert spec.group_name == "sensors"
    assert spec.owners == ["team:sensors"]
    assert len((spec.description or "").split()) >= 8
    assert {dep.asset_key.path[-1] for dep in spec.deps} == ORIGINS[name]


def test_schedules_and_sensors_start_by_themselves() -> None:
    repository = defs.get_repository_def()
    assert {each.name for each in repository.schedule_defs} == {
        "every_hour",
        "every_week",
        "every_night",
        "check_freshness",
    }
    for schedule in repository.schedule_defs:
        assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    for sensor in repository.sensor_defs:
        assert sensor.default_status is dg.DefaultSensorStatus.RUNNING


def test_no_check_holds_up_what_follows() -> None:
    checks = [graph.get_check_spec(key) for key in graph.asset_check_keys]
    assert len(checks) >= 9
    assert not [check for check in checks if check.blocking]
