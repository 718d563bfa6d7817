"""``python -m benchmarks.peers OUT``: our paintings beside those of other projects' networks.

For each painting a table by a judge that trained nobody, as Markdown and JSON, and sheets of whole
frames and of crops at 100%. What is judged: frames of film at film size (`benchmarks.film`).
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.film import FRAMES, Clip, Frame, film_clips, film_frames
from benchmarks.judge import Painting, Scores, judge_halves, judge_painter
from benchmarks.measures import Painter, match_histogram
from benchmarks.painters import known_painting, model_argument, ours, rivals
from benchmarks.remembering import CACHE_HELP, Remembering
from benchmarks.sheets import Picture, crop, grid, whole

FIRST: Final = ("great-wave", "shipwreck", "udnie", "starry-night")
SOURCE: Final = "the source"
TINTED: Final = "the source, tinted"
PAINTING: Final = "the painting"
HALVES: Final = "the painting's own halves"
COLUMNS: Final = (
    ("style", "style", 3),
    ("flat windows", "flat", 3),
    ("palette", "palette", 1),
    ("tone", "tone", 2),
    ("content", "content", 3),
    ("shift error", "shift", 2),
    ("rims", "rims", 1),
    ("warping x 10,000", "warping", 1),
    ("over variance", "relative_warping", 4),
)


@dataclass(frozen=True)
class Comparison:
    """Of one painting: scores by row, and the cells of the sheets by row."""

    painting: Painting
    scores: Mapping[str, Scores]
    whole: Mapping[str, Sequence[Picture]]
    crops: Mapping[str, Sequence[Picture]]


def rows(
    painting: Painting, own: Sequence[tuple[str, Path]], *, cache: Path | None = None
) -> dict[str, Painter]:
    """Every row that paints, by its label."""
    return {
        SOURCE: lambda picture: picture,
        TINTED: Remembering(partial(match_histogram, painting=painting.image)),
        **rivals(painting, cache=cache),
        **ours(painting, own),
    }


def compare(
    painting: Painting,
    painters: Mapping[str, Painter],
    frames: Sequence[Frame],
    clips: Sequence[Clip],
) -> Comparison:
    scores: dict[str, Scores] = {}
    wholes: dict[str, list[Picture]] = {}
    crops: dict[str, list[Picture]] = {}
    for label, painter in painters.items():
        started = time.monotonic()
        scores[label] = judge_painter(painter, painting, frames, clips=clips)
        made = [painter(frame.image) for frame in frames]
        wholes[label], crops[label] = [whole(i) for i in made], [crop(i) for i in made]
        taken = time.monotonic() - started
        print(f"{painting.name}: {label}, {taken:.0f} s", file=sys.stderr, flush=True)
    scores[HALVES] = judge_halves(painting)
    wholes[PAINTING], crops[PAINTING] = [whole(painting.image)], [crop(painting.image)]
    return Comparison(painting, scores, wholes, crops)


def table(scores: Mapping[str, Scores]) -> Iterator[str]:
    """Of Markdown, and below it a table of how steady each clip is."""
    yield f"| | {' | '.join(title for title, _, _ in COLUMNS)} |"
    yield "|---" + "|--:" * len(COLUMNS) + "|"
    for label, each in scores.items():
        cells = []
        for _, name, digits in COLUMNS:
            value = getattr(each, name) * (10_000 if name == "warping" else 1)
            cells.append("" if math.isnan(value) else f"{value:.{digits}f}")
        yield f"| {label} | {' | '.join(cells)} |"
    clips = list(next(iter(scores.values())).clips)
    if not clips:
        return
    yield ""
    yield f"| warping x 10,000 (over variance) | {' | '.join(clips)} |"
    yield "|---" + "|--:" * len(clips) + "|"
    for label, each in scores.items():
        if each.clips:
            cells = [
                f"{10_000 * clip.warping:.2f} ({clip.relative:.4f})" for clip in each.clips.values()
            ]
            yield f"| {label} | {' | '.join(cells)} |"


def as_json(scores: Mapping[str, Scores]) -> str:
    def known(value: object) -> object:
        if isinstance(value, dict):
            return {name: known(each) for name, each in value.items()}
        return None if isinstance(value, float) and math.isnan(value) else value

    return json.dumps({label: known(asdict(each)) for label, each in scores.items()}, indent=1)


def write(comparison: Comparison, out: Path) -> str:
    """Table, JSON and sheets into ``out``; the table is returned."""
    out.mkdir(parents=True, exist_ok=True)
    name = comparison.painting.name
    text = "\n".join([f"### {name}", "", *table(comparison.scores), ""])
    (out / f"{name}.md").write_text(text)
    (out / f"{name}.json").write_text(as_json(comparison.scores))
    grid(comparison.whole).save(out / f"{name}-whole.png")
    grid(comparison.crops).save(out / f"{name}-crops.png")
    return text


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Judge our paintings beside others'.")
    parser.add_argument("out", type=Path, help="folder of tables and sheets")
    parser.add_argument("--paintings", nargs="+", default=FIRST, metavar="NAME")
    parser.add_argument("--frames", type=int, default=8, help=f"at most {len(FRAMES)}")
    parser.add_argument("--clip-frames", type=int, default=3, help="of each clip; 0: none")
    parser.add_argument(
        "--style", type=model_argument, nargs="+", default=[], metavar="PAINTING=MODEL.safetensors"
    )
    parser.add_argument("--cache", type=Path, help=CACHE_HELP)
    return parser.parse_args()


def main() -> None:
    options = parse_arguments()
    frames = film_frames(options.frames)
    clips = film_clips(options.clip_frames) if options.clip_frames else []
    for name in options.paintings:
        painting = known_painting(name)
        painters = rows(painting, options.style, cache=options.cache)
        print(write(compare(painting, painters, frames, clips), options.out))


if __name__ == "__main__":
    main()
