"""``python -m benchmarks.flicker``: how much steadier one network paints clips than another."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import Final

import av
import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.warping import Image, occlusion_mask, optical_flow, warping_error
from style_pipeline.stylization.backends.network import as_module
from style_pipeline.stylization.model_file import load_model
from style_pipeline.training.losses import Objective
from style_pipeline.training.painting import load_painting
from style_pipeline.training.perceptual_weights import load_perceptual
from style_pipeline.training.recipe import TrainingRecipe

MULTIPLE: Final = 16
"""Frames are cropped to multiples of this, and so of every network's stride."""
LOSS_EVERY: Final = 5
"""Style and content hardly change between neighbours: every fifth frame is looked at."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Means over a clip: squared warping error (colours in [0, 1]) and losses, not weighted."""

    warping: float
    style: float
    content: float


@dataclass(frozen=True, kw_only=True)
class ClipFigures:
    """``compared`` is the share of pixels that were not masked."""

    clip: str
    compared: float
    source_warping: float
    baseline: Figures
    model: Figures


def read_frames(path: Path, *, first: int, count: int, side: int) -> list[Image]:
    """``count`` frames from number ``first`` on, RGB (H, W, 3) in [0, 1], long side about
    ``side``."""
    with av.open(str(path)) as container:
        frames = list(islice(container.decode(video=0), first, first + count))
        if len(frames) < 2:
            raise SystemExit(f"{path.name}: has no two frames from number {first} on.")
        scale = side / max(frames[0].width, frames[0].height)
        width, height = (round(n * scale) for n in (frames[0].width, frames[0].height))
        pictures = [
            frame.to_ndarray(format="rgb24", width=width, height=height, interpolation="AREA")
            for frame in frames
        ]
    height, width = height // MULTIPLE * MULTIPLE, width // MULTIPLE * MULTIPLE
    return [(picture[:height, :width] / 255).astype(np.float32) for picture in pictures]


def to_batch(image: Image) -> Tensor:
    return torch.from_numpy(image).permute(2, 0, 1)[None].contiguous()


@torch.inference_mode()
def paint(network: nn.Module, image: Image) -> Image:
    painted: Image = network(to_batch(image))[0].permute(1, 2, 0).numpy()
    return painted


def measure_clip(
    clip: str,
    frames: Sequence[Image],
    *,
    baseline: nn.Module,
    model: nn.Module,
    objective: Objective,
) -> ClipFigures:
    flows = [(optical_flow(a, b), optical_flow(b, a)) for a, b in pairwise(frames)]
    masks = [occlusion_mask(forward, backward) for forward, backward in flows]

    def warping(images: Sequence[Image]) -> float:
        errors = [
            warping_error(a, b, forward, mask)
            for (a, b), (forward, _), mask in zip(pairwise(images), flows, masks, strict=True)
        ]
        return float(np.nanmean(errors))

    @torch.inference_mode()
    def figures(network: nn.Module) -> Figures:
        losses = [objective.losses(network, to_batch(frame)) for frame in frames[::LOSS_EVERY]]
        return Figures(
            warping=warping([paint(network, frame) for frame in frames]),
            style=float(np.mean([loss.style.item() for loss in losses])),
            content=float(np.mean([loss.content.item() for loss in losses])),
        )

    return ClipFigures(
        clip=clip,
        compared=1 - float(np.mean(masks)),
        source_warping=warping(frames),
        baseline=figures(baseline),
        model=figures(model),
    )


def evaluation_recipe(side: int) -> TrainingRecipe:
    """The default losses of whole frames, in full precision, of pictures without noise."""
    return TrainingRecipe(
        crop=-(-side // MULTIPLE) * MULTIPLE,
        crop_area=(1.0, 1.0),
        batch=1,
        stability_shift=0,
        noise=0.0,
        bfloat16=False,
    )


def mean(clips: Sequence[ClipFigures]) -> ClipFigures:
    def of(value: Callable[[ClipFigures], float]) -> float:
        return float(np.mean([value(clip) for clip in clips]))

    def figures(which: Callable[[ClipFigures], Figures]) -> Figures:
        return Figures(
            warping=of(lambda clip: which(clip).warping),
            style=of(lambda clip: which(clip).style),
            content=of(lambda clip: which(clip).content),
        )

    return ClipFigures(
        clip="mean",
        compared=of(lambda clip: clip.compared),
        source_warping=of(lambda clip: clip.source_warping),
        baseline=figures(lambda clip: clip.baseline),
        model=figures(lambda clip: clip.model),
    )


def table(clips: Sequence[ClipFigures]) -> Iterator[str]:
    """A Markdown table of the clips and their mean, and a line with the mean's changes."""
    yield (
        "| clip | compared | warping error, x 1000: source | baseline | model | change "
        "| style: baseline | model | change | content: baseline | model | change |"
    )
    yield "|---" + "|--:" * 11 + "|"
    total = mean(clips)
    for row in (*clips, total):
        before, after = row.baseline, row.model
        yield (
            f"| {row.clip} | {row.compared:.0%} | {1000 * row.source_warping:.3f} "
            f"| {1000 * before.warping:.3f} | {1000 * after.warping:.3f} "
            f"| {after.warping / before.warping - 1:+.1%} "
            f"| {before.style:.3f} | {after.style:.3f} | {after.style / before.style - 1:+.1%} "
            f"| {before.content:.3f} | {after.content:.3f} "
            f"| {after.content / before.content - 1:+.1%} |"
        )
    yield ""
    before, after = total.baseline, total.model
    yield (
        f"warping error {after.warping / before.warping - 1:+.0%}, "
        f"style loss {after.style / before.style - 1:+.0%}, "
        f"content loss {after.content / before.content - 1:+.0%}"
    )


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare how steadily two networks paint.")
    parser.add_argument("--clips", type=Path, nargs="+", required=True, help="files or folders")
    parser.add_argument("--model", type=Path, required=True, help="STYLE.safetensors")
    parser.add_argument("--baseline", type=Path, required=True, help="what it is compared with")
    parser.add_argument(
        "--artwork", type=Path, required=True, help="the picture that both were trained on"
    )
    parser.add_argument("--perceptual", default="vgg19", help="as in training")
    parser.add_argument("--side", type=int, default=320, help="of frames: the long one, pixels")
    parser.add_argument("--first", type=int, default=30, help="number of the first frame")
    parser.add_argument("--frames", type=int, default=30)
    return parser.parse_args()


def main() -> None:
    options = parse_arguments()
    paths = [
        path
        for given in options.clips
        for path in (sorted(given.iterdir()) if given.is_dir() else [given])
    ]
    clips = {
        path.stem: read_frames(path, first=options.first, count=options.frames, side=options.side)
        for path in paths
    }
    pictures = [(to_batch(frame)[0] * 255).byte() for frames in clips.values() for frame in frames]
    recipe = evaluation_recipe(options.side)
    torch.manual_seed(recipe.seed)
    objective = Objective(
        load_painting(options.artwork),
        pictures,
        load_perceptual(options.perceptual),
        recipe,
        device=torch.device("cpu"),
    )
    baseline, model = (
        as_module(load_model(path).network) for path in (options.baseline, options.model)
    )
    rows = []
    for clip, frames in clips.items():
        rows.append(measure_clip(clip, frames, baseline=baseline, model=model, objective=objective))
        print(f"{len(rows)} of {len(clips)} clips measured", file=sys.stderr, flush=True)
    print("\n".join(table(rows)))


if __name__ == "__main__":
    main()
