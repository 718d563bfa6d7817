"""Users of the scoring service, for locust: `benchmarks.service` starts them."""

import json
import os
import random
import time
from pathlib import Path
from typing import Any

from locust import FastHttpUser, constant_throughput, task

WORK = Path(os.environ["SERVICE_BENCHMARK"])
"""A JSON file: what is posted to where, and how often each user asks a second; 0 for always."""
PLAN = json.loads(WORK.read_text())


class Caller(FastHttpUser):
    """Posts one body after the other."""

    if PLAN["per_second"]:
        wait_time = constant_throughput(PLAN["per_second"])

        def on_start(self) -> None:
            # All begin at once, and would ask at once for ever.
            time.sleep(random.uniform(0, 1 / PLAN["per_second"]))

    @task
    def ask(self) -> None:
        data: Any
        if "picture" in PLAN:
            headers, data = {"Content-Type": "image/jpeg"}, Path(PLAN["picture"]).read_bytes()
        else:
            headers = {"Content-Type": "application/json"}
            data = json.dumps({PLAN["field"]: random.choice(PLAN["questions"])}).encode()
        self.client.post(PLAN["path"], data=data, headers=headers)
