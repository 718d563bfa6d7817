"""``python -m style_pipeline.stylization.train``: train a style from an artwork."""

import argparse
import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torchvision.models import VGG19_Weights, vgg19

from style_pipeline.stylization.artwork import flow_field_artwork
from style_pipeline.stylization.model_file import load_model, save_model
from style_pipeline.stylization.network import PaintingNetwork
from style_pipeline.stylization.perceptual import (
    PerceptualNetwork,
    from_torchvision,
    load_hybrid,
)
from style_pipeline.stylization.recipe import TrainingRecipe
from style_pipeline.stylization.training import Progress, train

TORCHVISION = "torchvision"
PICTURES = {".jpg", ".jpeg", ".png", ".webp"}


def to_tensor(picture: Image.Image) -> Tensor:
    """uint8 RGB (3, H, W)."""
    return torch.from_numpy(np.array(picture.convert("RGB"))).permute(2, 0, 1).contiguous()


def load_artwork(source: str) -> tuple[Tensor, str]:
    """The artwork and its hash: of the file's bytes, or of the pixels of a generated one."""
    if source == "flow-field":
        pixels = to_tensor(flow_field_artwork())
        return pixels, hashlib.sha256(pixels.numpy().tobytes()).hexdigest()
    with Image.open(source) as picture:
        return to_tensor(picture), hashlib.sha256(Path(source).read_bytes()).hexdigest()


def load_photographs(folder: Path) -> dict[str, Tensor]:
    """Every picture in ``folder``, by its file name without suffix, sorted."""
    found = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in PICTURES:
            with Image.open(path) as picture:
                found[path.stem] = to_tensor(picture)
    return found


def load_perceptual(source: str) -> PerceptualNetwork:
    """The network of a folder of weights, or torchvision's, which is downloaded once."""
    if source == TORCHVISION:
        return from_torchvision(vgg19(weights=VGG19_Weights.DEFAULT).features)
    return load_hybrid(Path(source))


@torch.inference_mode()
def paint_samples(network: PaintingNetwork, photographs: Sequence[Tensor]) -> Image.Image:
    """Each photograph above its painting, side by side on one sheet 320 pixels a cell."""
    cell = 320
    sheet = Image.new("RGB", (cell * len(photographs), 2 * cell))
    for column, photograph in enumerate(photographs):
        source = Image.fromarray(photograph.permute(1, 2, 0).numpy())
        source.thumbnail((cell, cell))
        width, height = (side // network.stride * network.stride for side in source.size)
        source = source.crop((0, 0, width, height))
        painted = network(to_tensor(source)[None].float() / 255)[0]
        pixels = (painted.permute(1, 2, 0) * 255).round().byte().numpy()
        sheet.paste(source, (column * cell, 0))
        sheet.paste(Image.fromarray(pixels), (column * cell, cell))
    return sheet


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Train a style from an artwork.")
    parser.add_argument("--artwork", required=True, help="'flow-field', or a picture's path")
    parser.add_argument("--photographs", type=Path, required=True, help="a folder of pictures")
    parser.add_argument(
        "--perceptual",
        default=TORCHVISION,
        help="a folder with weights of VGG-19; without it torchvision downloads them",
    )
    parser.add_argument("--out", type=Path, required=True, help="STYLE.safetensors")
    parser.add_argument("--iterations", type=int, default=TrainingRecipe.iterations)
    parser.add_argument("--style-weight", type=float, default=TrainingRecipe.style_weight)
    parser.add_argument("--style-boost", type=float, default=TrainingRecipe.style_boost)
    parser.add_argument("--stability-weight", type=float, default=TrainingRecipe.stability_weight)
    parser.add_argument("--crop", type=int, default=TrainingRecipe.crop)
    parser.add_argument("--artwork-side", type=int, default=TrainingRecipe.artwork_side)
    parser.add_argument("--seed", type=int, default=TrainingRecipe.seed)
    parser.add_argument(
        "--held-out", nargs="*", default=[], help="names never trained on, painted as samples"
    )
    parser.add_argument("--samples-every", type=int, default=500, metavar="ITERATIONS")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--start-from", type=Path, help="a trained style, to begin with")
    parser.add_argument("--resume", action="store_true", help="go on from OUT.checkpoint")
    return parser.parse_args()


def main() -> None:
    options = parse_arguments()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    recipe = TrainingRecipe(
        iterations=options.iterations,
        style_weight=options.style_weight,
        style_boost=options.style_boost,
        stability_weight=options.stability_weight,
        crop=options.crop,
        artwork_side=options.artwork_side,
        seed=options.seed,
    )
    artwork, artwork_sha256 = load_artwork(options.artwork)
    photographs = load_photographs(options.photographs)
    if unknown := set(options.held_out) - photographs.keys():
        raise SystemExit(f"held out but not in {options.photographs}: {', '.join(sorted(unknown))}")
    held_out = {name: photographs.pop(name) for name in options.held_out}
    samples = list(held_out.values()) or list(photographs.values())[:4]
    perceptual = load_perceptual(options.perceptual)
    data: dict[str, object] = {
        "artwork": Path(options.artwork).name,
        "photographs": len(photographs),
        "held_out": sorted(held_out),
        "perceptual": perceptual.name,
    }

    start = load_model(options.start_from) if options.start_from else None
    if start:
        data["started_from"] = start.sha256

    def report(progress: Progress, network: PaintingNetwork) -> None:
        if progress.iteration % 20 == 0:
            print(
                f"{progress.iteration}/{progress.iterations}"
                f"  content {progress.content:.3f}  style {progress.style:.3f}"
                f"  variation {progress.variation:.3f}  stability {progress.stability:.4f}"
                f"  {progress.seconds:.0f} s, {progress.eta_seconds:.0f} s to go",
                flush=True,
            )
        if progress.iteration % options.samples_every == 0:
            sheet = paint_samples(network, samples)
            sheet.save(options.out.with_suffix(f".{progress.iteration:06d}.png"))

    network = train(
        artwork,
        list(photographs.values()),
        perceptual,
        recipe,
        on_progress=report,
        start=start.network if start else None,
        checkpoint_path=options.out.with_suffix(".checkpoint"),
        resume=options.resume,
    )
    sha256 = save_model(
        options.out,
        network,
        style=options.out.stem,
        recipe=asdict(recipe),
        data=data,
        artwork_sha256=artwork_sha256,
    )
    print(f"{options.out}: {sha256}")


if __name__ == "__main__":
    main()
