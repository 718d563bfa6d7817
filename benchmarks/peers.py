"""``python -m benchmarks.peers OUT``: our paintings beside those of other projects' networks.

For each painting a table by a judge that trained nobody, as Markdown and JSON, and sheets of whole
frames and of crops at 100%. What is judged: frames of film at film size (`benchmarks.film`).
"""

import argparse
import json
import math
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.film import FRAMES, MATERIAL, Clip, Frame, film_clips, film_frames
from benchmarks.judge import Painting, Scores, judge_halves, judge_painter
from benchmarks.measures import Painter, match_histogram
from benchmarks.painters import (
    BEFORE,
    BEFORE_STYLES,
    painter_of,
    peer_painters,
    shipped_before,
)
from benchmarks.sheets import crop, grid, whole
from benchmarks.warping import Image
from style_pipeline.styles import shipped_styles

FIRST: Final = ("great-wave", "shipwreck", "udnie", "starry-night")
SOURCE: Final = "the source"
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


@dataclass
class Comparison:
    """Of one painting: scores by row, and what each row's painter made of the frames."""

    painting: str
    scores: dict[str, Scores] = field(default_factory=dict)
    painted: dict[str, list[Image]] = field(default_factory=dict)


def find_painting(name: str, material: Path = MATERIAL) -> Path:
    """The file of a painting: of the material, or the artwork of a shipped style, or a path."""
    known = [
        path
        for path in sorted((material / "media/paintings").glob("*.jpg"))
        if path.stem.partition("_")[2].startswith(name)
    ]
    if len(known) == 1:
        return known[0]
    if (model := shipped_styles().get(name)) and model.with_suffix(".jpg").exists():
        return model.with_suffix(".jpg")
    if Path(name).is_file():
        return Path(name)
    found = ", ".join(path.name for path in known) or "none"
    raise SystemExit(f"{name}: expected one painting of {material}, found {found}.")


def painters_of(
    name: str, painting: Painting, artwork: str, own: Mapping[str, Path], folder: Path
) -> dict[str, Painter]:
    """Every row that paints, by its label; ``folder`` is where styles of before are unpacked."""
    painters: dict[str, Painter] = {
        SOURCE: lambda picture: picture,
        "the source, tinted": partial(match_histogram, painting=painting.image),
        **peer_painters(artwork, painting.image),
    }
    before = None
    if name in BEFORE_STYLES:
        before, _ = shipped_before(name, folder)
        painters[f"shipped at {BEFORE}"] = painter_of(before)
    shipped = shipped_styles().get(name)
    if shipped and not (before and before.read_bytes() == shipped.read_bytes()):
        painters["ours"] = painter_of(shipped)
    for label, model in own.items():
        painters[label] = painter_of(model)
    return painters


def compare(
    painting: Painting,
    painters: Mapping[str, Painter],
    frames: Sequence[Frame],
    clips: Sequence[Clip],
) -> Comparison:
    comparison = Comparison(painting.name)
    for label, painter in painters.items():
        started = time.monotonic()
        painted = [painter(frame.image) for frame in frames]
        comparison.painted[label] = painted
        comparison.scores[label] = judge_painter(
            painter, painting, frames, clips=clips, painted=painted
        )
        taken = time.monotonic() - started
        print(f"{painting.name}: {label}, {taken:.0f} s", file=sys.stderr, flush=True)
    comparison.scores[HALVES] = judge_halves(painting)
    return comparison


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


def write(comparison: Comparison, painting: Painting, out: Path) -> str:
    """Table, JSON and sheets into ``out``; the table is returned."""
    out.mkdir(parents=True, exist_ok=True)
    name = comparison.painting
    text = "\n".join([f"### {name}", "", *table(comparison.scores), ""])
    (out / f"{name}.md").write_text(text)
    (out / f"{name}.json").write_text(as_json(comparison.scores))
    for kind, cell in (("whole", whole), ("crops", crop)):
        columns = {
            label: [cell(image) for image in painted]
            for label, painted in comparison.painted.items()
        }
        columns["the painting"] = [cell(painting.image)]
        grid(columns).save(out / f"{name}-{kind}.png")
    return text


def own_style(text: str) -> tuple[str, Path]:
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        raise argparse.ArgumentTypeError(f"{text!r}: expected PAINTING=MODEL.safetensors")
    return name, Path(path)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Judge our paintings beside others'.")
    parser.add_argument("out", type=Path, help="folder of tables and sheets")
    parser.add_argument("--paintings", nargs="+", default=FIRST, metavar="NAME")
    parser.add_argument("--frames", type=int, default=8, help=f"at most {len(FRAMES)}")
    parser.add_argument("--clip-frames", type=int, default=3, help="of each clip; 0: none")
    parser.add_argument(
        "--style", type=own_style, nargs="+", default=[], metavar="PAINTING=MODEL.safetensors"
    )
    return parser.parse_args()


def main() -> None:
    options = parse_arguments()
    frames = film_frames(options.frames)
    clips = film_clips(options.clip_frames) if options.clip_frames else []
    for name in options.paintings:
        path = find_painting(name)
        painting = Painting.read(path, name)
        own = {model.stem: model for of, model in options.style if of == name}
        with tempfile.TemporaryDirectory() as folder:
            painters = painters_of(name, painting, path.name, own, Path(folder))
            print(write(compare(painting, painters, frames, clips), painting, options.out))


if __name__ == "__main__":
    main()
