"""``python -m benchmarks.overhead``: what a chunk takes beyond its frames, step by step.

A clip is dropped into a running `dagster dev`, as a person would, and the chunks' runs are read
from its event log when the film is done. Neither that a chunk waits for its turn is counted, nor
the seconds from its network being loaded to its last frame.
"""

import argparse
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

from pipeline_kit_tests.waiting import wait_for
from style_pipeline.cli.sample_clip import FPS, SECONDS, write_clip
from style_pipeline_tests.dagster_dev import DagsterDev, running

STYLE: Final = "brushwork"
STEPS: Final = {
    "RunStartingEvent": "",
    "EngineEvent": "a process is started and imports the project",
    "RunStartEvent": "the run begins",
    "ExecutionStepStartEvent": "the step begins",
    "MaterializationEvent": "the step, without its frames",
    "RunSuccessEvent": "the run ends",
}
"""Events of a run in their order, and what lies between each and the one before."""


def chunk_runs(dev: DagsterDev) -> list[str]:
    return [run.run_id for run in dev.runs() if run.assets == {"styled_frames"}]


def events(dev: DagsterDev, run_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = dev.ask(
        """query ($runId: ID!) { logsForRun(runId: $runId) { ... on EventConnection { events {
            __typename
            ... on MessageEvent { timestamp message }
            ... on MaterializationEvent { metadataEntries {
                label ... on FloatMetadataEntry { floatValue }
            } }
        } } } }""",
        runId=run_id,
    )["logsForRun"]["events"]
    return found


def steps_of(found: list[dict[str, Any]]) -> dict[str, float]:
    """Seconds of each of `STEPS` in a run's events."""
    at: dict[str, float] = {}
    for event in found:
        at.setdefault(event["__typename"], float(event["timestamp"]) / 1000)
    seconds = {STEPS[after]: at[after] - at[before] for before, after in pairwise(STEPS)}
    entries = [entry for event in found for entry in event.get("metadataEntries", [])]
    painting = next(entry["floatValue"] for entry in entries if entry["label"] == "seconds")
    seconds[STEPS["MaterializationEvent"]] -= float(painting)
    return seconds


def stylized(folder: Path, *, chunks: int) -> list[list[dict[str, Any]]]:
    """The events of each chunk's run of one clip."""
    settings = {
        "STYLE_PIPELINE_MAX_CHUNKS": str(chunks),
        "STYLE_PIPELINE_MIN_FRAMES": str(FPS * SECONDS // chunks),
    }
    with running(folder, settings) as dev:
        clip = folder / "media/videos" / STYLE / "lake.mp4"
        clip.parent.mkdir(parents=True)
        write_clip(clip)
        film = folder / "media/styled" / STYLE / "lake.mp4"
        wait_for("the film", film.exists, seconds=500)
        return [events(dev, run_id) for run_id in chunk_runs(dev)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[2].partition(".")[0])
    parser.add_argument("--chunks", type=int, default=5)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        made = stylized(Path(folder, "dev"), chunks=options.chunks)
    chunks = [steps_of(found) for found in made]
    print(f"{'of a chunk, in seconds':50} median   most   ({len(chunks)} chunks)")
    for name in chunks[0]:
        taken = [steps[name] for steps in chunks]
        print(f"{name:50} {median(taken):6.2f} {max(taken):6.2f}")
    total = [sum(steps.values()) for steps in chunks]
    print(f"{'all of it':50} {median(total):6.2f} {max(total):6.2f}")


if __name__ == "__main__":
    main()
