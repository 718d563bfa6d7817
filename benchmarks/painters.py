"""Everybody who paints: ours, what shipped before, and the networks of others."""

import importlib.util
import subprocess
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import numpy as np
import torch
import torch.nn.functional as F

from benchmarks.film import MATERIAL, to_batch
from benchmarks.measures import Painter
from benchmarks.warping import Image
from style_pipeline.stylization.color import Color
from style_pipeline.stylization.engine import Engine
from style_pipeline.stylization.model_file import load_model
from style_pipeline.stylization.planes import from_rgb, to_rgb

PROJECT: Final = Path(__file__).resolve().parents[1]
BEFORE: Final = "1c49ab0"
"""The commit whose styles are the state before one body for all styles."""
BEFORE_STYLES: Final = ("brushwork", "impasto", "ink", "mosaic", "pointillism", "watercolour")
MULTISTYLE: Final = {"van-gogh_starry-night.jpg": 19, "hokusai_great-wave.jpg": 24}
"""Which of the 26 styles of Dumoulin et al. was learned from which painting."""
COLOR: Final = Color(matrix="bt709", full_range=True)


def painter_of(model: Path) -> Painter:
    """One of our styles, painting as it paints films: 8-bit 4:2:0 in and out."""
    engine = Engine(load_model(model).network)

    def paint(picture: Image) -> Image:
        height, width = picture.shape[:2]
        halved = height % 2 == 0 and width % 2 == 0
        planes = from_rgb(to_batch(picture), COLOR, subsampled=halved)[0].numpy()
        (painted,) = engine.style(
            [planes], size=(width, height), matrix=COLOR.matrix, full_range=COLOR.full_range
        )
        return _to_image(to_rgb(torch.from_numpy(painted)[None], COLOR))

    return paint


def shipped_before(style: str, into: Path) -> tuple[Path, Path]:
    """Model and artwork of a style as they were at `BEFORE`, written ``into`` a folder."""
    paths = []
    for extension in ("safetensors", "jpg"):
        path = into / f"{style}.{extension}"
        name = f"{BEFORE}:style_pipeline/styles/{path.name}"
        shown = subprocess.run(["git", "show", name], cwd=PROJECT, check=True, capture_output=True)
        path.write_bytes(shown.stdout)
        paths.append(path)
    return paths[0], paths[1]


@lru_cache(maxsize=1)
def _tools(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("peers_of_others", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def peer_painters(
    artwork: str, painting: Image, *, material: Path = MATERIAL
) -> dict[str, Painter]:
    """The networks of others that were trained on ``artwork``, a file's name, or take any."""
    tools: Any = _tools(material / "tools/peers.py")
    painters = {}
    for path in sorted((material / "peers").glob("*.safetensors")):
        origin = tools.origin(path)
        kind, name = path.stem.split("_", 1)
        if origin["kind"] == "dumoulin":
            if (style := MULTISTYLE.get(artwork)) is not None:
                painters[f"{kind} {style} of {name}"] = _network(tools.load(path, style=style))
        elif origin["artwork"] == "any":
            height, width = (n // 4 * 4 for n in painting.shape[:2])
            batch = to_batch(painting[:height, :width])
            with torch.inference_mode():
                painters[kind] = _network(tools.load(path, painting=batch))
        elif origin["artwork"] == artwork:
            painters[f"{kind} {name}"] = _network(tools.load(path))
    return painters


def _network(network: Any) -> Painter:
    """Of pictures of any size, for a network that needs multiples of 4."""

    @torch.inference_mode()
    def paint(picture: Image) -> Image:
        height, width = picture.shape[:2]
        padded = F.pad(to_batch(picture), (0, -width % 4, 0, -height % 4), mode="reflect")
        return _to_image(network(padded))[:height, :width]

    return paint


def _to_image(batch: torch.Tensor) -> Image:
    return np.ascontiguousarray(batch[0].permute(1, 2, 0).numpy())
