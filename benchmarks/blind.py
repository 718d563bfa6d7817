"""``python -m benchmarks.blind OUT``: pairs of paintings for somebody who knows neither painter.

Each picture shows the painting, and under it the same frame of film as two networks paint it: ours
and another's, left and right by lot. Who is who is in a key file beside the folder, which whoever
judges does not get. Their answers, JSON such as ``{"01": "left"}``, are counted by ``--score``.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from PIL import Image as Pictures
from PIL import ImageOps

from benchmarks.film import FRAMES, Frame, film_frames
from benchmarks.judge import Painting
from benchmarks.measures import Painter
from benchmarks.painters import known_painting, model_argument, ours, rivals
from benchmarks.remembering import CACHE_HELP
from benchmarks.sheets import GAP, crop, grid, to_picture, whole
from benchmarks.warping import Image
from style_pipeline.styles import BODY_OF, STANDARD

HALF: Final = (768, 432)
HEAD: Final = 320
QUESTION: Final = """\
In each picture the painting is on top. Below it are two paintings of one frame of a film, left and
right: the whole frame, and its middle at full size. Which is the better painting in the style of
the painting on top: strokes, shapes and colors as there, and still a picture of what the frame
shows? Answer for every picture, in JSON: {"01": "left", "02": "right"}
"""
SIDES: Final = ("left", "right")


@dataclass(frozen=True, kw_only=True)
class Secret:
    """What is not shown of a pair: ``ours`` is the side that ours is on."""

    painting: str
    frame: str
    rival: str
    ours: str


@dataclass(frozen=True, kw_only=True)
class Contest:
    """Ours against one rival, on one painting."""

    painting: Painting
    rival: str
    theirs: Painter
    ours: Painter


def draw_lots(
    contests: Sequence[Contest], frames: Sequence[Frame], pairs: int, lot: random.Random
) -> Iterator[tuple[Contest, Frame, str]]:
    """``pairs`` contests, each as often as any other (but for one), no frame twice in a contest,
    and the side that ours is on; in an order that tells nothing.

    Raises:
        SystemExit: there are not so many.
    """
    if pairs > len(contests) * len(frames):
        raise SystemExit(
            f"{pairs} pairs: there are {len(contests)} rivals on {len(frames)} frames. "
            "Ask for fewer, or for more frames or paintings."
        )
    decks = [lot.sample(list(frames), len(frames)) for _ in contests]
    first = lot.sample(range(len(contests)), len(contests))
    chosen = [(first[n % len(first)], n // len(first)) for n in range(pairs)]
    for contest, turn in lot.sample(chosen, len(chosen)):
        yield contests[contest], decks[contest][turn], lot.choice(SIDES)


def show(painting: Image, left: Image, right: Image) -> Pictures.Image:
    """The painting above; below, left and right, whole frames and their middles at 100%."""
    below = grid(
        {
            side: [whole(i, HALF), crop(i, HALF)]
            for side, i in zip(SIDES, (left, right), strict=True)
        }
    )
    head = ImageOps.contain(to_picture(painting), (below.width, HEAD), Pictures.Resampling.LANCZOS)
    sheet = Pictures.new("RGB", (below.width, HEAD + GAP + below.height), "white")
    sheet.paste(head, ((sheet.width - head.width) // 2, 0))
    sheet.paste(below, (0, HEAD + GAP))
    return sheet


def write_pairs(drawn: Sequence[tuple[Contest, Frame, str]], out: Path) -> None:
    """``01.png`` and so on and the question into ``out``, and the key beside it."""
    out.mkdir(parents=True, exist_ok=True)
    secrets: dict[str, Secret] = {}
    for number, (contest, frame, side) in enumerate(drawn, start=1):
        name = f"{number:0{max(2, len(str(len(drawn))))}}"
        made = [contest.ours(frame.image), contest.theirs(frame.image)]
        left, right = made if side == "left" else reversed(made)
        show(contest.painting.image, left, right).save(out / f"{name}.png")
        secrets[name] = Secret(
            painting=contest.painting.name, frame=frame.name, rival=contest.rival, ours=side
        )
    (out / "question.txt").write_text(QUESTION)
    key = {name: asdict(secret) for name, secret in secrets.items()}
    key_of(out).write_text(json.dumps(key, indent=1))


def key_of(out: Path) -> Path:
    return out.with_name(f"{out.name}.key.json")


def read_key(out: Path) -> dict[str, Secret]:
    return {name: Secret(**secret) for name, secret in json.loads(key_of(out).read_text()).items()}


def score(key: Mapping[str, Secret], answers: Mapping[str, str]) -> Iterator[str]:
    """A Markdown table of how often ours was preferred, by painting and rival, and in all.

    Raises:
        SystemExit: an answer is neither ``left`` nor ``right``, of no pair, or missing.
    """
    if answers.keys() != key.keys():
        odd = ", ".join(sorted(answers.keys() ^ key.keys()))
        raise SystemExit(f"Answers and pairs do not agree: {odd}.")
    if wrong := [name for name, side in answers.items() if side not in SIDES]:
        raise SystemExit(f"{wrong[0]}: {answers[wrong[0]]!r} is neither left nor right.")
    asked: Counter[tuple[str, str]] = Counter()
    won: Counter[tuple[str, str]] = Counter()
    for name, secret in key.items():
        contest = (secret.painting, secret.rival)
        asked[contest] += 1
        won[contest] += answers[name] == secret.ours
    yield "| painting | against | ours preferred | |"
    yield "|---|---|--:|--:|"
    for (painting, rival), pairs in sorted(asked.items()):
        wins = won[painting, rival]
        yield f"| {painting} | {rival} | {wins} of {pairs} | {wins / pairs:.0%} |"
    total, wins = asked.total(), won.total()
    yield f"| all | | {wins} of {total} | {wins / total:.0%} |"


def contests_of(
    painting: Painting,
    own: Sequence[tuple[str, Path]],
    *,
    quality: str = STANDARD,
    cache: Path | None = None,
) -> Iterator[Contest]:
    """Ours, the model that is tried where one is given, against every rival."""
    if not (our := ours(painting, own, qualities=[quality])):
        raise SystemExit(
            f"{painting.name}: nothing of ours paints it in quality {quality}; give "
            f"--style {painting.name}=MODEL."
        )
    *_, mine = our.values()
    for rival, theirs in rivals(painting, cache=cache).items():
        yield Contest(painting=painting, rival=rival, theirs=theirs, ours=mine)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Pairs of paintings, ours and another's, by lot.")
    parser.add_argument("out", type=Path, help="folder of the pairs")
    parser.add_argument("--pairs", type=int, default=12)
    parser.add_argument("--paintings", nargs="+", default=["great-wave", "shipwreck"])
    parser.add_argument("--frames", type=int, default=len(FRAMES), help=f"at most {len(FRAMES)}")
    parser.add_argument(
        "--style", type=model_argument, nargs="+", default=[], metavar="PAINTING=MODEL.safetensors"
    )
    parser.add_argument(
        "--quality",
        choices=BODY_OF,
        default=STANDARD,
        help="of what ships, where no --style is given",
    )
    parser.add_argument("--cache", type=Path, help=CACHE_HELP)
    parser.add_argument("--score", type=Path, metavar="ANSWERS.json", help="count, and draw none")
    return parser.parse_args()


def main() -> None:
    options = parse_arguments()
    if options.score:
        answers = json.loads(options.score.read_text())
        print("\n".join(score(read_key(options.out), answers)))
        return
    contests = [
        contest
        for name in options.paintings
        for contest in contests_of(
            known_painting(name), options.style, quality=options.quality, cache=options.cache
        )
    ]
    frames = film_frames(options.frames)
    write_pairs(
        list(draw_lots(contests, frames, options.pairs, random.SystemRandom())), options.out
    )


if __name__ == "__main__":
    main()
