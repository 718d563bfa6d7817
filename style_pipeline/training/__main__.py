"""``python -m style_pipeline.training``: train a style from an artwork."""

import argparse
import hashlib
import sys
from dataclasses import replace
from pathlib import Path

import torch

from style_pipeline.artworks import ARTWORKS
from style_pipeline.styles import shipped_styles
from style_pipeline.stylization.model_file import StyleModel, load_model
from style_pipeline.stylization.backends.network import PaintingNetwork
from style_pipeline.training.adaptation import default_recipe
from style_pipeline.training.job import Artwork, Job, read_artwork
from style_pipeline.training.loop import TrainingProgress
from style_pipeline.training.painting import to_tensor
from style_pipeline.training.perceptual_weights import load_perceptual
from style_pipeline.training.photographs import is_photograph, load_photographs


def load_artwork(source: str) -> Artwork:
    """A picture's file, or one that code paints, known by the hash of its pixels."""
    if paint := ARTWORKS.get(source):
        pixels = to_tensor(paint())
        sha256 = hashlib.sha256(pixels.numpy().tobytes()).hexdigest()
        return Artwork(name=source, pixels=pixels, sha256=sha256)
    return read_artwork(Path(source))


def load_start(source: str) -> StyleModel:
    """A trained style: a model file, or a shipped style's name."""
    return load_model(shipped_styles().get(source, Path(source)))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Train a style from an artwork. Where an option is not given, the recipe for "
        "a start from scratch or from a trained style decides."
    )
    parser.add_argument(
        "--artwork", required=True, help="a picture's path, or the name of an artwork made by code"
    )
    parser.add_argument("--photographs", type=Path, required=True, help="a folder of pictures")
    parser.add_argument(
        "--perceptual",
        default="vgg19",
        help="vgg19 or vgg16, which torchvision downloads, or a file or folder with weights",
    )
    parser.add_argument("--out", type=Path, required=True, help="STYLE.safetensors")
    parser.add_argument("--architecture", choices=["slim", "transformer"])
    parser.add_argument("--iterations", type=int)
    parser.add_argument("--batch", type=int)
    parser.add_argument("--learning-rate", type=float)
    parser.add_argument("--style-weight", type=float)
    parser.add_argument("--style-boost", type=float)
    parser.add_argument("--stability-weight", type=float)
    parser.add_argument("--stability-from", type=int, metavar="ITERATION")
    parser.add_argument("--crop", type=int)
    parser.add_argument("--artwork-side", type=int)
    parser.add_argument("--seed", type=int)
    parser.add_argument(
        "--held-out", nargs="*", default=[], help="names never trained on, painted as samples"
    )
    parser.add_argument("--samples-every", type=int, default=500, metavar="ITERATIONS")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="auto", help="cpu, cuda, or a GPU where there is one")
    parser.add_argument("--start-from", help="a trained style to begin with: a file, or a name")
    parser.add_argument("--resume", action="store_true", help="go on from OUT.checkpoint")
    return parser.parse_args()


RECIPE_OPTIONS = (
    *("iterations", "batch", "learning_rate", "style_weight", "style_boost"),
    *("stability_weight", "stability_from", "crop", "artwork_side", "seed"),
)


def job(options: argparse.Namespace) -> Job:
    """What the arguments ask for."""
    start = load_start(options.start_from) if options.start_from else None
    recipe = default_recipe(
        adapted=start is not None, **{name: getattr(options, name) for name in RECIPE_OPTIONS}
    )
    if options.architecture == "transformer":
        recipe = replace(
            recipe, architecture="transformer", channels=(32, 64, 128), residual_blocks=5
        )
    paths = sorted(path for path in options.photographs.iterdir() if is_photograph(path.name))
    photographs = load_photographs(paths, warn=lambda line: print(line, file=sys.stderr))
    if unknown := set(options.held_out) - photographs.keys():
        raise SystemExit(f"held out but not in {options.photographs}: {', '.join(sorted(unknown))}")
    return Job(
        artwork=load_artwork(options.artwork),
        held_out={name: photographs.pop(name) for name in options.held_out},
        photographs=photographs,
        photographs_from=options.photographs.name,
        perceptual=load_perceptual(options.perceptual),
        recipe=recipe,
        start=start,
        device=options.device,
    )


def main() -> None:
    options = parse_arguments()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    training = job(options)

    def report(progress: TrainingProgress, network: PaintingNetwork) -> None:
        if progress.iteration % 20 == 0:
            print(
                f"{progress.iteration}/{progress.iterations}"
                f"  content {progress.content:.3f}  style {progress.style:.3f}"
                f"  variation {progress.variation:.3f}  stability {progress.stability:.4f}"
                f"  {progress.seconds:.0f} s, {progress.eta_seconds:.0f} s to go",
                flush=True,
            )
        if progress.iteration % options.samples_every == 0:
            training.sheet(network).save(options.out.with_suffix(f".{progress.iteration:06d}.png"))

    network = training.run(
        on_progress=report,
        checkpoint_path=options.out.with_suffix(".checkpoint"),
        resume=options.resume,
    )
    sha256 = training.save(options.out, network, style=options.out.stem)
    print(f"{options.out}: {sha256}")


if __name__ == "__main__":
    main()
