"""What the code location offers."""

import dagster as dg
import pytest

from faq_pipeline.definitions import defs
from faq_pipeline.evaluation import CHECKS

graph = defs.resolve_asset_graph()
ORIGINS = {
    "dropped_faqs": set(),
    "faq": {"dropped_faqs"},
    "faq_model": {"faq"},
    "faq_evaluation": {"faq_model"},
    "published_faq_model": {"faq_evaluation"},
}


def test_all_that_is_offered_can_be_loaded() -> None:
    dg.Definitions.validate_loadable(defs)
    assert {key.path[-1] for key in graph.get_all_asset_keys()} == set(ORIGINS)


@pytest.mark.parametrize("name", ORIGINS)
def test_an_asset_has_its_group_owner_description_and_origin(name: str) -> None:
    spec = graph.get(dg.AssetKey(name)).to_asset_spec()
    assert (spec.group_name, spec.owners) == ("faq", ["team:faq"])
    assert len((spec.description or "").split()) >= 8
    assert {dep.asset_key.path[-1] for dep in spec.deps} == ORIGINS[name]


def test_every_check_holds_up_the_publication() -> None:
    checks = [graph.get_check_spec(key) for key in graph.asset_check_keys]
    assert {check.name for check in checks} == set(CHECKS)
    assert all(check.blocking for check in checks)


def test_sensors_start_by_themselves() -> None:
    for sensor in defs.get_repository_def().sensor_defs:
        assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
