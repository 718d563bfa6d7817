"""Users of the scoring service, for locust: `benchmarks.service` starts them."""

import json
import os
import random
import time
from pathlib import Path
from typing import Any

from locust import FastHttpUser, task

WORK = Path(os.environ["SERVICE_BENCHMARK"])
"""A JSON file: what is posted to where, and how often each user asks a second; 0 for always."""
PLAN = json.loads(WORK.read_text())


class Caller(FastHttpUser):
    """Posts one body after the other: at once, or at random times whose mean is given (a Poisson
    process), however long the answers take.

    With locust's `constant_throughput`, which counts from when a caller asked last, callers that
    once waited for each other ask at once from then on.
    """

    due = 0.0

    def wait_time(self) -> float:
        if not PLAN["per_second"]:
            return 0
        now = time.perf_counter()
        self.due = (self.due or now) + random.expovariate(PLAN["per_second"])
        return max(0, self.due - now)

    def on_start(self) -> None:
        time.sleep(self.wait_time())

    @task
    def ask(self) -> None:
        data: Any
        if "picture" in PLAN:
            headers, data = {"Content-Type": "image/jpeg"}, Path(PLAN["picture"]).read_bytes()
        else:
            headers = {"Content-Type": "application/json"}
            data = json.dumps({PLAN["field"]: random.choice(PLAN["questions"])}).encode()
        self.client.post(PLAN["path"], data=data, headers=headers)
