"""What a film cost, as its chunks say."""

from collections.abc import Iterable, Mapping
from operator import mul
from typing import Any

from pipeline_kit.machine.meter import DIGITS


def in_total(chunks: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Of a film, what the metadata of its chunks tells of each: sums, and the utilisation's mean.

    Nothing is told that some of the chunks do not tell, as they are older or had no price: it would
    mislead. Where some were on a GPU and some on a CPU, both seconds are told.
    """
    painted = [chunk for chunk in chunks if chunk.get("frames")]

    def told(name: str) -> list[float]:
        return [float(chunk[name]) for chunk in painted if name in chunk]

    if not painted or len(told("utilisation")) < len(painted):
        return {}
    sums = {name: sum(told(name)) for name in ("gpu_seconds", "cpu_seconds") if told(name)}
    frames = told("frames")
    sums["utilisation"] = sum(map(mul, told("utilisation"), frames)) / sum(frames)
    if len(told("cost")) == len(painted):
        sums["cost"] = sum(told("cost"))
    return {name: round(value, DIGITS[name]) for name, value in sums.items()}
