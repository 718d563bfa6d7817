"""``python -m benchmarks.service PATH``: the scoring service under load, beside a Flask server.

PATH has `banking77/train.csv`. Both servers and locust, which asks, share this machine, so that all
figures are of the machine as a whole. Questions: the most that is answered a second (32 callers
that always ask), the latency at 70% of that, where 64 callers ask at random times, whether
others wait or not, and what fails while models are swapped, and while one of two processes after
the other is restarted. Pictures: how many are classified.
"""

import argparse
import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from threading import Event
from typing import Any, Final

import httpx
import numpy as np
from PIL import Image
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC

from benchmarks.balancer import balanced
from benchmarks.faq import Asked, banking77, fitted_to
from faq_pipeline.library import published
from faq_pipeline.matching.matcher import Matcher
from faq_pipeline.matching.matcher_file import save_matcher
from pipeline_kit.storage.store import Store

CALLERS: Final = 32
OPEN_CALLERS: Final = 64
RESTARTED_PORTS: Final = 8103, 8104
"""Ports of the processes that are restarted."""
PAUSE: Final = 2.0
"""Seconds between swaps, and between restarts: the balancer sees within it who is ready."""
FAQ: Final = "faq.csv"


@contextmanager
def running(words: Sequence[str], port: int, settings: Mapping[str, str]) -> Iterator[str]:
    """A server that is ready, by its address."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", **settings}
    with subprocess.Popen(
        [sys.executable, "-m", *words],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            until = time.monotonic() + 120
            while time.monotonic() < until:
                try:
                    if httpx.get(f"{address}/readyz").status_code in (200, 404):
                        break
                except httpx.TransportError:
                    pass
                time.sleep(0.2)
            else:
                raise SystemExit(f"{words[0]} is not ready after two minutes")
            yield address
        finally:
            process.terminate()
            process.wait(30)


def load(
    folder: Path, address: str, *, users: int, seconds: float, **plan: Any
) -> dict[str, float]:
    """Requests a second, their latencies in ms, and how many failed."""
    (folder / "plan.json").write_text(json.dumps({"per_second": 0, **plan}))
    words = ["-f", "benchmarks/service_users.py", "--headless", "--json", "--host", address]
    words += ["-u", str(users), "-r", str(users), "-t", f"{seconds:.0f}s", "--reset-stats"]
    done = subprocess.run(
        [sys.executable, "-m", "locust", *words],
        env={**os.environ, "SERVICE_BENCHMARK": str(folder / "plan.json")},
        capture_output=True,
        text=True,
    )
    (stats,) = json.loads(done.stdout)
    spread = sorted((float(ms), count) for ms, count in stats["response_times"].items())
    times = np.repeat([ms for ms, _ in spread], [count for _, count in spread])
    spent = stats["last_request_timestamp"] - stats["start_time"]
    return {
        "a second": stats["num_requests"] / spent,
        "p50 ms": float(np.percentile(times, 50)),
        "p99 ms": float(np.percentile(times, 99)),
        "failed": stats["num_failures"],
        "requests": stats["num_requests"],
    }


def publish(ops: Store, folder: Path, matcher: Matcher) -> str:
    probes = [entry.question for entry in matcher.entries]
    save_matcher(folder / "matcher", matcher, probes=probes, about={})
    return published(ops).publish(FAQ, folder / "matcher")


@contextmanager
def beside(do: Callable[[], object]) -> Iterator[None]:
    """Do it meanwhile, again and again, with a pause before each. Raises what it raises."""
    ended = Event()

    def repeat() -> None:
        while not ended.wait(PAUSE):
            do()

    with ThreadPoolExecutor(1) as thread:
        repeated = thread.submit(repeat)
        try:
            yield
        finally:
            ended.set()
            repeated.result()


def swapping(ops: Store, folder: Path, matcher: Matcher) -> AbstractContextManager[None]:
    """Publishes one of two matchers, and then the other."""
    others = cycle([replace(matcher, sharpness=2 * matcher.sharpness), matcher])
    return beside(lambda: publish(ops, folder, next(others)))


@contextmanager
def restarting(ports: Sequence[int], settings: Mapping[str, str]) -> Iterator[list[int]]:
    """Run the service on each port and restart one after the other; which were, so far."""
    turns, restarted = cycle(ports), list[int]()

    def restart() -> None:
        port = next(turns)
        processes[port].close()
        processes[port].enter_context(service(port))
        restarted.append(port)

    def service(port: int) -> AbstractContextManager[str]:
        return running(["scoring_service"], port, {**settings, "SCORING_SERVICE_PORT": str(port)})

    with ExitStack() as all_of_them:
        processes = {port: all_of_them.enter_context(ExitStack()) for port in ports}
        for port, process in processes.items():
            process.enter_context(service(port))
        with beside(restart):
            yield restarted


def pickle_reference(asked: Asked, path: Path) -> None:
    """The same kind of model as scikit-learn has it."""
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    parts = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True)
    model = make_pipeline(make_union(words, parts), LinearSVC(tol=0.02, random_state=0))
    path.write_bytes(pickle.dumps(model.fit([q for q, _ in asked], [kind for _, kind in asked])))


def show(what: str, found: Mapping[str, float]) -> None:
    print(f"{what:44}", *(f"{value:9.1f} {name}" for name, value in found.items()), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="The scoring service under load.")
    parser.add_argument("path", type=Path)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    learned, asked = banking77(options.path)
    questions = [question for question, _ in asked]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ops = Store(url=(folder / "ops").as_uri())
        matcher = fitted_to(learned).matcher
        publish(ops, folder, matcher)
        pickle_reference(learned, folder / "reference")
        ask = {"questions": questions, "seconds": options.seconds}
        with running(
            ["benchmarks.flask_server", str(folder / "reference"), "8101"], 8101, {}
        ) as at:
            flask = load(folder, at, users=CALLERS, path="/score", field="input", **ask)
        show("Flask, one question at a time", flask)
        settings = {
            "SCORING_SERVICE_OPS_URL": ops.url,
            "SCORING_SERVICE_PORT": "8102",
            "SCORING_SERVICE_REQUESTS_PER_SECOND": "0",
            "SCORING_SERVICE_STYLIZE": "false",
            "SCORING_SERVICE_POLL_SECONDS": "1",
            "SCORING_SERVICE_CLASSIFIERS": "lite2=efficientnet-lite:2",
        }
        match: dict[str, Any] = {"path": "/v1/faq/match", "field": "question"}
        with running(["scoring_service"], 8102, settings) as at:
            peak = load(folder, at, users=CALLERS, **match, **ask)
            show("the service", peak)
            print(f"{'times Flask':44} {peak['a second'] / flask['a second']:9.1f}")
            rate = 0.7 * peak["a second"] / OPEN_CALLERS
            calm = load(folder, at, users=OPEN_CALLERS, per_second=rate, **match, **ask)
            show("the service at 70% of that, open loop", calm)
            with swapping(ops, folder, matcher):
                show("while models are swapped", load(folder, at, users=CALLERS, **match, **ask))
            Image.effect_noise((640, 480), 60).convert("RGB").save(folder / "picture.jpg")
            shown = load(
                folder,
                at,
                users=8,
                seconds=options.seconds,
                path="/v1/images/classify",
                picture=str(folder / "picture.jpg"),
            )
            show("EfficientNet-lite2, pictures of 640x480", shown)
        with restarting(RESTARTED_PORTS, settings) as restarted, balanced(RESTARTED_PORTS) as at:
            longer = {**ask, "seconds": 4 * options.seconds}
            show(
                "two processes, restarted by turns",
                load(folder, at, users=CALLERS, **match, **longer),
            )
        print(f"{'restarts':44} {len(restarted):9}")


if __name__ == "__main__":
    main()
