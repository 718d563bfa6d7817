import time

import pytest

from pipeline_kit.machine import meter
from pipeline_kit.machine.meter import Meter


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """What a meter reads; the process may use four cores."""
    now = {"monotonic": 100.0, "process_time": 10.0}
    monkeypatch.setattr(time, "monotonic", lambda: now["monotonic"])
    monkeypatch.setattr(time, "process_time", lambda: now["process_time"])
    monkeypatch.setattr(meter, "processors", lambda: 4)
    return now


def test_a_cpu_s_seconds_are_those_of_all_cores(clock: dict[str, float]) -> None:
    meter = Meter()
    clock.update(monotonic=150, process_time=10 + 180)
    assert meter.read(gpu_busy=None, price_per_hour=None) == {
        "cpu_seconds": 180,
        "utilisation": 0.9,
    }


def test_a_gpu_is_paid_for_also_while_it_waits(clock: dict[str, float]) -> None:
    meter = Meter()
    clock.update(monotonic=136)
    assert meter.read(gpu_busy=27, price_per_hour=4.0) == {
        "gpu_seconds": 36,
        "utilisation": 0.75,
        "cost": 0.04,
    }
