"""``python -m benchmarks.scale_out``: how many pods are worth it, and how to cut films for them.

Films are stylized in a simulated cluster (see `cluster.py`), made of parts that were measured, or
assumed where they could not be: every one is an option. Two kinds of tables follow: from 1 to 256
pods for films that are cut into at most so many chunks, and films of all lengths for chunks of at
least so many frames.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from statistics import mean
from typing import Final

from benchmarks.cluster import Parts, simulate
from style_pipeline.media.chunks import plan_chunks
from style_pipeline.partitions import MAX_CHUNKS, MIN_FRAMES

FRAME_RATE: Final = 25
PODS: Final = tuple(2**power for power in range(9))
FILMS: Final = {"20 s": 20, "2 min": 120, "10 min": 600, "2 h": 7200}
MOST_CHUNKS: Final = (16, 64, 256)
LEAST_FRAMES: Final = (240, 1000, 3000, 6000)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Means over the seeds."""

    makespan: float
    efficiency: float
    """The share of the paid seconds in which frames that count were stylized."""
    node_hours: float

    def __str__(self) -> str:
        return f"{duration(self.makespan)}, {self.efficiency:.0%}, {self.node_hours:.2f}"


def figures(
    film: str, parts: Parts, *, most_chunks: int, least_frames: int, pods: int, seeds: int
) -> Figures:
    """What becomes of a film that is cut into at most so many chunks of at least so many frames."""
    frames = FILMS[film] * FRAME_RATE
    planned = plan_chunks(frames, max_chunks=most_chunks, min_frames=least_frames)
    chunks = [len(chunk) for chunk in planned if chunk]
    outcomes = [simulate(chunks, pods=pods, parts=parts, seed=seed) for seed in range(seeds)]
    paid = mean(made.node_seconds for made in outcomes)
    return Figures(
        makespan=mean(made.makespan for made in outcomes),
        efficiency=frames * parts.frame / paid,
        node_hours=paid / 3600,
    )


def tables(parts: Parts, source_rate: float, *, seeds: int) -> Iterator[str]:
    """In Markdown; the source has so many bytes a second."""

    def cell(film: str, *, most_chunks: int, least_frames: int, pods: int) -> str:
        of_film = replace(parts, source=FILMS[film] * source_rate)
        made = figures(
            film,
            of_film,
            most_chunks=most_chunks,
            least_frames=least_frames,
            pods=pods,
            seeds=seeds,
        )
        return str(made)

    yield "In each cell: time until the last chunk is there, efficiency, node hours."
    for film in ("10 min", "2 h"):
        yield f"\nA film of {film}, chunks of at least {MIN_FRAMES} frames:\n"
        yield f"| pods | {' | '.join(f'at most {most} chunks' for most in MOST_CHUNKS)} |"
        yield "|--:|--:|--:|--:|"
        for pods in PODS:
            cells = [
                cell(film, most_chunks=most, least_frames=MIN_FRAMES, pods=pods)
                for most in MOST_CHUNKS
            ]
            yield f"| {pods} | {' | '.join(cells)} |"
    yield f"\nAt most {MAX_CHUNKS} chunks, and as many pods:\n"
    yield f"| film | {' | '.join(f'at least {least:,} frames' for least in LEAST_FRAMES)} |"
    yield "|---|--:|--:|--:|--:|"
    for film in FILMS:
        cells = [
            cell(film, most_chunks=MAX_CHUNKS, least_frames=least, pods=MAX_CHUNKS)
            for least in LEAST_FRAMES
        ]
        yield f"| {film} | {' | '.join(cells)} |"


def duration(seconds: float) -> str:
    if seconds < 600:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def main() -> None:
    parser = argparse.ArgumentParser(
        description="How many pods are worth it, and how to cut films for them.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--fps", type=float, default=60, help="frames a second of one pod, within a chunk")
    add("--spread", type=float, default=0.1, help="of a chunk's time, as a logarithm's deviation")
    add("--node-start", type=float, default=240, help="seconds until a new node takes pods")
    add("--node-kept", type=float, default=600, help="seconds that a node is kept after the work")
    add("--chunk-start", type=float, default=25, help="seconds from pod to first frame")
    add("--preemptions", type=float, default=0.05, help="of a node, in an hour")
    add("--pod-bandwidth", type=float, default=250, help="of one pod, in MB/s")
    add("--bandwidth", type=float, default=6000, help="of the storage, in MB/s")
    add("--source-rate", type=float, default=1.25, help="of the video, in MB/s")
    add("--styled-frame", type=float, default=0.15, help="MB of a styled frame")
    add("--seeds", type=int, default=20, help="simulations of each row")
    options = parser.parse_args()
    megabyte = 1_000_000
    parts = Parts(
        node_start=options.node_start,
        node_kept=options.node_kept,
        chunk_start=options.chunk_start,
        frame=1 / options.fps,
        spread=options.spread,
        preemptions=options.preemptions,
        styled=options.styled_frame * megabyte,
        pod_bandwidth=options.pod_bandwidth * megabyte,
        bandwidth=options.bandwidth * megabyte,
    )
    for line in tables(parts, options.source_rate * megabyte, seeds=options.seeds):
        print(line, flush=True)


if __name__ == "__main__":
    main()
