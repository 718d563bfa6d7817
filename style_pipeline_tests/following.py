"""What tests follow a video with, from the drop to the film, through the real daemon."""

from collections import Counter
from pathlib import Path

from pipeline_kit_tests.waiting import wait_for
from style_pipeline_tests.dagster_dev import DagsterDev, Run

FINISHED = {"SUCCESS", "FAILURE", "CANCELED"}


def runs_of(dev: DagsterDev, clip: str, *, style: str = "brushwork") -> list[Run]:
    return [run for run in dev.runs() if run.partition.partition("|")[0] == f"{style}/{clip}"]


def outcomes(runs: list[Run]) -> Counter[tuple[str, str]]:
    """How often each asset's runs ended how; the sensor's run has audio, frames and look."""
    return Counter((min(run.assets, default="audio"), run.status) for run in runs)


def film_of(dev: DagsterDev, clip: str) -> Path:
    return dev.folder / "media/styled/brushwork" / clip


def drop(dev: DagsterDev, clip: Path, *, style: str = "brushwork") -> None:
    folder = dev.folder / "media/videos" / style
    folder.mkdir(parents=True, exist_ok=True)
    (folder / clip.name).write_bytes(clip.read_bytes())


def wait_for_the_end(
    dev: DagsterDev, clip: str, *, films: int, style: str = "brushwork", seconds: float = 240
) -> list[Run]:
    """The runs of a video, once `films` of its films were made and nothing is under way."""

    def ended() -> list[Run]:
        runs = runs_of(dev, clip, style=style)
        idle = all(run.status in FINISHED for run in runs)
        return runs if idle and outcomes(runs)["styled_video", "SUCCESS"] == films else []

    return wait_for(
        f"film {films} of {clip}",
        ended,
        seconds=seconds,
        there_is=lambda: outcomes(runs_of(dev, clip, style=style)),
    )


def a_chunk(dev: DagsterDev, clip: str, *, status: str) -> Run:
    def found() -> list[Run]:
        chunks = (run for run in runs_of(dev, clip) if run.assets == {"styled_frames"})
        return [run for run in chunks if run.status == status]

    return wait_for(
        f"a chunk that is {status}", found, there_is=lambda: outcomes(runs_of(dev, clip))
    )[0]


def attempts(runs: list[Run]) -> Counter[str]:
    """How many runs each chunk took."""
    return Counter(run.partition[-3:] for run in runs if run.assets == {"styled_frames"})
