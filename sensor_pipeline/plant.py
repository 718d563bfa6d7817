"""A small plant that is simulated: readings of its machines, with faults that are known."""

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import fastavro
import numpy as np
import polars as pl

_ANY: Final = ["long", "double", "string", "bytes"]
CAPTURE_SCHEMA: Final[dict[str, Any]] = {
    "type": "record",
    "name": "EventData",
    "namespace": "Microsoft.ServiceBus.Messaging",
    "fields": [
        {"name": "SequenceNumber", "type": "long"},
        {"name": "Offset", "type": "string"},
        {"name": "EnqueuedTimeUtc", "type": "string"},
        {"name": "SystemProperties", "type": {"type": "map", "values": _ANY}},
        {"name": "Properties", "type": {"type": "map", "values": _ANY}},
        {"name": "Body", "type": ["null", "bytes"]},
    ],
}
"""What Event Hubs Capture writes."""


@dataclass(frozen=True)
class Kind:
    """A kind of sensor: where it is, how it sways over the day, and its noise."""

    name: str
    level: float
    sway: float
    noise: float


KINDS: Final = (
    Kind("temperature", 65.0, 4.0, 0.6),
    Kind("pressure", 4.2, 0.1, 0.04),
    Kind("vibration", 1.1, 0.05, 0.08),
    Kind("current", 12.0, 1.5, 0.3),
)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that goes wrong with a sensor, in noises of its kind."""

    device: str
    sensor: str
    start: datetime
    lasts: timedelta
    kind: str
    """`spike` and `step` add `size` noises, `drift` up to as many; `dead` gives 0."""
    size: float = 12.0

    @property
    def end(self) -> datetime:
        return self.start + self.lasts


def plant(
    devices: Sequence[str],
    *,
    start: datetime,
    hours: int,
    every: int = 5,
    faults: Iterable[Fault] = (),
    sway: float = 1.0,
    seed: int = 1,
) -> pl.DataFrame:
    """A reading of each of `KINDS` at each device every few seconds; ordered by time.

    `sway` is how much they sway over the day: 0 for readings that are alike at all hours.
    """
    random = np.random.default_rng(seed)
    count = hours * 3600 // every
    seconds = np.arange(count) * every
    times = np.datetime64(start, "us") + (seconds * 1_000_000).astype("timedelta64[us]")
    of_day = 2 * np.pi * (seconds + (start.hour * 3600)) / 86400
    tables = []
    for device in devices:
        phase = random.uniform(0, 2 * np.pi)
        for kind in KINDS:
            noise = random.normal(0, kind.noise, count)
            # Neighboring readings are alike, as those of real machines are.
            noise = 0.7 * noise + 0.7 * np.concatenate([[0.0], noise[:-1]])
            values = kind.level + sway * kind.sway * np.sin(of_day + phase) + noise
            for fault in faults:
                if (fault.device, fault.sensor) == (device, kind.name):
                    _break(values, times, fault, kind)
            tables.append(
                pl.DataFrame({"time": times, "value": values}).with_columns(
                    device=pl.lit(device), sensor=pl.lit(kind.name)
                )
            )
    return pl.concat(tables).sort("time", maintain_order=True)


def _break(values: "np.ndarray[Any, Any]", times: Any, fault: Fault, kind: Kind) -> None:
    hit = (times >= np.datetime64(fault.start, "us")) & (times < np.datetime64(fault.end, "us"))
    size = fault.size * kind.noise
    if fault.kind == "dead":
        values[hit] = 0.0
    elif fault.kind == "drift":
        values[hit] += np.linspace(0, size, int(hit.sum()))
    else:
        values[hit] += size


def capture(rows: pl.DataFrame, *, first: int = 0, codec: str = "null") -> bytes:
    """Readings as a file of Event Hubs Capture, an event each, numbered from `first`."""
    times = rows["time"].dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_list()
    columns = zip(
        times, rows["device"].to_list(), rows["sensor"].to_list(), rows["value"], strict=True
    )
    bodies = (
        json.dumps({"TS": time, "Device": device, "Tag": sensor, "Value": round(value, 6)})
        for time, device, sensor, value in columns
    )
    return capture_of((body.encode() for body in bodies), first=first, codec=codec)


def capture_of(bodies: Iterable[bytes | None], *, first: int = 0, codec: str = "null") -> bytes:
    """Any bodies as a file of Event Hubs Capture."""
    events: Iterable[Mapping[str, Any]] = (
        {
            "SequenceNumber": number,
            "Offset": str(number * 200),
            "EnqueuedTimeUtc": "11/29/2026 1:05:00 PM",
            "SystemProperties": {"x-opt-enqueued-time": number},
            "Properties": {},
            "Body": body,
        }
        for number, body in enumerate(bodies, first)
    )
    buffer = io.BytesIO()
    fastavro.writer(buffer, CAPTURE_SCHEMA, events, codec=codec)
    return buffer.getvalue()
