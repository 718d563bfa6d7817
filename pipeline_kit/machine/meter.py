"""What work costs: seconds of a processor, how busy it was, and money."""

import time

from pipeline_kit.machine.cgroup import processors

DIGITS = {"cpu_seconds": 3, "gpu_seconds": 3, "utilisation": 2, "cost": 4}


class Meter:
    """Runs from when it is made, for as long as the work takes."""

    def __init__(self) -> None:
        self.started, self.computed = time.monotonic(), time.process_time()

    def read(self, *, gpu_busy: float | None, price_per_hour: float | None) -> dict[str, float]:
        """What was spent until now, as metadata.

        Work on a GPU, which computed for `gpu_busy` seconds, says for how many `gpu_seconds` it
        had it; one on a CPU, how many `cpu_seconds` all cores together computed. `utilisation` is
        the share of the time, of the GPU or of all cores, in which they computed. `cost` is that of
        the time, at so much an hour.
        """
        seconds = time.monotonic() - self.started
        if gpu_busy is not None:
            spent = {"gpu_seconds": seconds, "utilisation": gpu_busy / seconds}
        else:
            computed = time.process_time() - self.computed
            cores = processors()
            spent = {"cpu_seconds": computed, "utilisation": computed / (seconds * cores)}
        if price_per_hour is not None:
            spent["cost"] = seconds / 3600 * price_per_hour
        return {name: round(value, DIGITS[name]) for name, value in spent.items()}
