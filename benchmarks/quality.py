"""``python -m benchmarks.quality``: how many steps of Gatys' optimisation networks are worth.

For photographs that no network was trained on, the loss that training minimises is taken of the
photograph itself, of what each network makes of it, and of what the optimisation makes of it, by
the same perceptual network. The steps after which that has come as far as one pass of a network are
what the network is worth, as in figure 5 of Johnson et al. 2016: they begin with white noise, as
Gatys et al. do, and report 50 to 100 for theirs. ``--start photograph`` begins with the photograph,
which is worth many steps by itself.
"""

import argparse
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode
from torchvision.transforms.v2 import functional as pictures

from benchmarks.gatys import Figures, Remembering, measure, optimise, worth_steps
from style_pipeline.stylization.backends.network import as_module
from style_pipeline.stylization.model_file import load_model
from style_pipeline.training.losses import Objective
from style_pipeline.training.painting import load_painting
from style_pipeline.training.perceptual_weights import load_perceptual
from style_pipeline.training.photographs import is_photograph, load_photographs, spread
from style_pipeline.training.recipe import TrainingRecipe

ENERGY_PHOTOGRAPHS: Final = 32
"""As many as crops are drawn to normalise the content loss by; all would take long to read."""


def mean(each: Sequence[Figures]) -> Figures:
    return Figures(
        content=float(np.mean([one.content for one in each])),
        style=float(np.mean([one.style for one in each])),
        variation=float(np.mean([one.variation for one in each])),
        total=float(np.mean([one.total for one in each])),
    )


def multiply_adds(network: nn.Module, side: int = 256) -> float:
    """Multiply-adds a pixel, of a picture of ``side`` x ``side``."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.zeros(1, 3, side, side))
    return float(counter.get_total_flops() / 2 / side**2)


def centre_square(photograph: Tensor, side: int) -> Tensor:
    """The middle of a uint8 photograph (3, H, W), shrunk to float (1, 3, side, side)."""
    square = pictures.center_crop(photograph, [min(photograph.shape[1:])] * 2)
    shrunk: Tensor = pictures.resize(square, [side, side], antialias=True)
    return shrunk[None].float() / 255


def table(
    photograph: Figures,
    models: Mapping[str, Figures],
    costs: Mapping[str, float],
    gatys: Mapping[int, Figures],
) -> Iterator[str]:
    """A Markdown table, and a line that compares each further model with the first.

    Args:
        costs: multiply-adds a pixel, of each model.
        gatys: the means after so many steps, 0 first.
    """
    curve = {steps: each.total for steps, each in gatys.items()}
    worth = {name: worth_steps(each.total, curve) for name, each in models.items()}

    def row(name: str, each: Figures, steps: float, cost: str = "") -> str:
        worth = f"{steps:.0f}" if math.isfinite(steps) else f"> {max(curve)}"
        losses = " | ".join(
            f"{loss:.3f}" for loss in (each.content, each.style, each.variation, each.total)
        )
        return f"| {name} | {losses} | {worth} | {cost} |"

    yield "| | content | style | variation | total | worth steps | multiply-adds a pixel |"
    yield "|---" + "|--:" * 6 + "|"
    yield row("photograph", photograph, worth_steps(photograph.total, curve))
    for name, each in models.items():
        yield row(name, each, worth[name], f"{costs[name]:,.0f}")
    for steps, each in gatys.items():
        yield row(f"Gatys, {steps} steps", each, steps)
    first, *others = models
    for name in others:
        yield ""
        yield (
            f"{name}: {costs[first] / costs[name]:.1f} times fewer multiply-adds than {first}, "
            f"total loss {models[name].total / models[first].total - 1:+.1%}"
        )


def named_path(text: str) -> tuple[str, Path]:
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        raise argparse.ArgumentTypeError(f"{text!r}: expected NAME=STYLE.safetensors")
    return name, Path(path)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare networks with Gatys' optimisation.")
    parser.add_argument(
        "--models", type=named_path, nargs="+", required=True, metavar="NAME=STYLE.safetensors"
    )
    parser.add_argument("--artwork", type=Path, required=True, help="what they were trained on")
    parser.add_argument("--photographs", type=Path, required=True, help="a folder of pictures")
    parser.add_argument("--perceptual", default="vgg19", help="as in training")
    parser.add_argument(
        "--held-out", nargs="+", required=True, metavar="NAME", help="of pictures in that folder"
    )
    parser.add_argument("--side", type=int, default=256, help="of the squares, pixels")
    parser.add_argument("--steps", type=int, nargs="+", default=[10, 30, 50, 100, 300])
    parser.add_argument("--start", choices=["noise", "photograph"], default="noise")
    return parser.parse_args()


def main() -> None:
    options = parse_arguments()
    networks = {name: as_module(load_model(path).network) for name, path in options.models}
    paths = {p.stem: p for p in sorted(options.photographs.iterdir()) if is_photograph(p.name)}
    if unknown := set(options.held_out) - paths.keys():
        raise SystemExit(f"not in {options.photographs}: {', '.join(sorted(unknown))}")
    held_out = [
        centre_square(load_painting(paths.pop(name)), options.side) for name in options.held_out
    ]
    others = [paths[name] for name in spread(paths, ENERGY_PHOTOGRAPHS)]
    photographs = load_photographs(others, warn=lambda text: print(text, file=sys.stderr))
    recipe = TrainingRecipe(crop=options.side, stability_shift=0, noise=0.0, bfloat16=False)
    torch.manual_seed(recipe.seed)
    objective = Objective(
        load_painting(options.artwork),
        list(photographs.values()),
        Remembering(load_perceptual(options.perceptual)),
        recipe,
        device=torch.device("cpu"),
    )
    steps = [0, *sorted(options.steps)]
    curves = []
    for number, picture in enumerate(held_out, start=1):
        start = torch.rand_like(picture) if options.start == "noise" else picture
        curves.append(list(optimise(picture, objective, steps, start=start)))
        print(f"{number} of {len(held_out)} photographs optimised", file=sys.stderr, flush=True)

    def over_photographs(network: nn.Module) -> Figures:
        return mean([measure(network, picture, objective) for picture in held_out])

    lines = table(
        over_photographs(nn.Identity()),
        {name: over_photographs(network) for name, network in networks.items()},
        {name: multiply_adds(network) for name, network in networks.items()},
        {goal: mean(column) for goal, column in zip(steps, zip(*curves, strict=True), strict=True)},
    )
    print("\n".join(lines))


if __name__ == "__main__":
    main()
