from typing import Any

import pytest

from benchmarks.overhead import STEPS, steps_of


def test_a_run_s_seconds_are_shared_out_over_its_steps_without_those_of_its_frames() -> None:
    at = {
        "RunEnqueuedEvent": 1.0,
        "RunStartingEvent": 5.0,
        "EngineEvent": 7.0,
        "RunStartEvent": 7.5,
        "ExecutionStepStartEvent": 7.75,
        "MaterializationEvent": 31.75,
        "RunSuccessEvent": 32.0,
    }
    events: list[dict[str, Any]] = [
        {"__typename": name, "timestamp": str(round(seconds * 1000))}
        for name, seconds in at.items()
    ]
    events[5]["metadataEntries"] = [{"label": "bytes"}, {"label": "seconds", "floatValue": 20.0}]
    events.append({"__typename": "EngineEvent", "timestamp": "33000"})  # the process exited
    steps = steps_of(events)
    assert list(steps.values()) == pytest.approx([2.0, 0.5, 0.25, 4.0, 0.25])
    assert list(steps) == list(STEPS.values())[1:]
