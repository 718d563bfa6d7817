"""Faults that are simulated."""

from datetime import timedelta

import polars as pl
import pytest

from sensor_pipeline.plant import KINDS, Fault, plant
from sensor_pipeline_tests.site import at

PRESSURE = next(kind for kind in KINDS if kind.name == "pressure")


def made(*faults: Fault) -> pl.DataFrame:
    return plant(["a", "b"], start=at(0), hours=1, every=60, faults=faults)


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [("step", 12.0, 12.0), ("spike", 12.0, 12.0), ("drift", 0.0, 12.0)],
)
def test_a_fault_adds_noises_to_its_own_sensor_while_it_lasts(
    kind: str, first: float, last: float
) -> None:
    fault = Fault(
        device="b", sensor="pressure", start=at(0, 20), lasts=timedelta(minutes=10), kind=kind
    )
    calm, faulty = made(), made(fault)
    added = faulty.with_columns(added=pl.col("value") - calm["value"])
    hit = (
        (pl.col("device") == "b")
        & (pl.col("sensor") == "pressure")
        & pl.col("time").is_between(fault.start, fault.end, closed="left")
    )
    noises = (added.filter(hit)["added"] / PRESSURE.noise).to_list()
    assert len(noises) == 10
    assert (noises[0], noises[-1]) == (pytest.approx(first), pytest.approx(last))
    assert added.filter(~hit)["added"].abs().max() == 0


def test_a_dead_sensor_gives_nothing() -> None:
    fault = Fault(
        device="a", sensor="current", start=at(0, 59), lasts=timedelta(hours=1), kind="dead"
    )
    found = made(fault).filter(device="a", sensor="current")
    assert found["value"].to_list()[-1] == 0
    assert found["value"].to_list()[-2] > 1


def test_readings_are_of_every_kind_ordered_by_time_and_alike_without_sway() -> None:
    day = plant(["a"], start=at(0), hours=24, every=60, sway=0)
    assert day["time"].is_sorted()
    assert len(day) == len(KINDS) * 24 * 60
    for kind in KINDS:
        values = day.filter(sensor=kind.name)["value"]
        assert values.mean() == pytest.approx(kind.level, abs=kind.noise / 5)
        assert values.std() == pytest.approx(kind.noise, rel=0.1)
