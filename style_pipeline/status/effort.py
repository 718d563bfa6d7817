"""What a film cost, as its chunks say."""

from collections.abc import Iterable, Mapping
from operator import mul
from typing import Any

from pipeline_kit.machine.meter import DIGITS


def in_total(chunks: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """A film's figures from the metadata of its chunks: sums, and the mean utilization.

    What some of the chunks lack, as they are older or had no price, is left out. Where some were on
    a GPU and some on a CPU, both kinds of seconds are given.
    """
    stylized = [chunk for chunk in chunks if chunk.get("frames")]

    def values(name: str) -> list[float]:
        return [float(chunk[name]) for chunk in stylized if name in chunk]

    if not stylized or len(values("utilisation")) < len(stylized):
        return {}
    sums = {name: sum(values(name)) for name in ("gpu_seconds", "cpu_seconds") if values(name)}
    frames = values("frames")
    sums["utilisation"] = sum(map(mul, values("utilisation"), frames)) / sum(frames)
    if len(values("cost")) == len(stylized):
        sums["cost"] = sum(values("cost"))
    return {name: round(value, DIGITS[name]) for name, value in sums.items()}
