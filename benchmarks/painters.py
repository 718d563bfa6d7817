"""Everybody who paints: ours, what shipped before, and the networks of others."""

import argparse
import importlib.util
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import numpy as np
import torch
import torch.nn.functional as F

from benchmarks.film import MATERIAL, to_batch
from benchmarks.judge import Painting
from benchmarks.measures import Painter
from benchmarks.remembering import Remembering
from benchmarks.warping import Image
from style_pipeline.styles import BODY_OF, STANDARD, former_networks, shipped_styles
from style_pipeline.stylization.architecture import StyleNetwork, Vector
from style_pipeline.stylization.backends.planes import from_rgb, to_rgb
from style_pipeline.stylization.color import Color
from style_pipeline.stylization.engine import Engine
from style_pipeline.stylization.model_file import load_model
from style_pipeline.stylization.strokes import usual_reduction
from style_pipeline.training.teachers import example, multistyle

PROJECT: Final = Path(__file__).resolve().parents[1]
BEFORE: Final = "1c49ab0"
"""The commit whose styles are the state before one body for all styles."""
MULTISTYLE: Final = {"van-gogh_starry-night.jpg": 19, "hokusai_great-wave.jpg": 24}
"""Which of the 26 styles of Dumoulin et al. was learned from which painting."""
COLOR: Final = Color(matrix="bt709", full_range=True)


def painter_of(model: Path) -> Painter:
    """One of our styles, painting as it paints films."""
    return _in_our_engine(load_model(model).network, as_films=True)


def _in_our_engine(network: StyleNetwork, *, as_films: bool = False) -> Painter:
    engine = Engine.load(network)

    def paint(picture: Image) -> Image:
        (painted,) = stylized(engine, [picture], network.style, as_films=as_films)
        return painted

    return paint


def stylized(
    engine: Engine,
    pictures: Sequence[Image],
    styles: Vector | Iterable[Vector],
    *,
    as_films: bool = True,
) -> Iterator[Image]:
    """Pictures of one size, 8-bit 4:2:0 in and out, where that can be; with strokes as large as
    films have them, or as the network learned them."""
    height, width = pictures[0].shape[:2]
    halved = height % 2 == 0 and width % 2 == 0
    made = engine.style(
        (from_rgb(to_batch(each), COLOR, subsampled=halved)[0].numpy() for each in pictures),
        styles,
        size=(width, height),
        matrix=COLOR.matrix,
        full_range=COLOR.full_range,
        reduction=usual_reduction((width, height)) if as_films else 1.0,
    )
    return (_to_image(to_rgb(torch.from_numpy(planes)[None], COLOR)) for planes in made)


def known_painting(name: str, *, material: Path = MATERIAL) -> Painting:
    """By the beginning of its title, as ``great-wave``, with its painter's name before it where
    others have that title, ``van-gogh_self-portrait``; the artwork of a style that shipped at
    `BEFORE`; or a picture by its path."""
    if name in former_networks():
        return Painting.read(name, f"{name}.jpg", BytesIO(artwork_before(name)))
    paths = [
        path
        for path in sorted((material / "media/paintings").glob("*.jpg"))
        if path.stem.startswith(name) or path.stem.partition("_")[2].startswith(name)
    ]
    if not paths and Path(name).is_file():
        paths = [Path(name)]
    if len(paths) != 1:
        found = ", ".join(path.name for path in paths) or "none"
        raise SystemExit(f"{name}: expected the title of one painting, found {found}.")
    return Painting.read(Path(name).stem, paths[0].name, paths[0])


def rivals(
    painting: Painting, *, cache: Path | None = None, material: Path = MATERIAL
) -> dict[str, Painter]:
    """Others' networks of this painting, or of any, and what shipped before, by label.

    Args:
        cache: a folder in which what they paint is kept for later runs: they never change.
    """
    painters = peer_painters(painting, material=material)
    if former := former_networks().get(painting.name):
        painters[f"shipped at {BEFORE}"] = _in_our_engine(load_model(former).network)
    return {
        label: Remembering(painter, cache and cache / painting.name / label)
        for label, painter in painters.items()
    }


def ours(
    painting: Painting,
    own: Sequence[tuple[str, Path]],
    *,
    qualities: Iterable[str] = BODY_OF,
) -> dict[str, Painter]:
    """What ships for this painting, in each of ``qualities``, and models that are tried.

    Args:
        own: names of paintings, and model files of theirs.
    """
    painters: dict[str, Painter] = {}
    for quality in qualities:
        if shipped := shipped_styles(quality).get(painting.name):
            label = "ours" if quality == STANDARD else f"ours, {quality}"
            painters[label] = Remembering(painter_of(shipped))
    for name, model in own:
        if name == painting.name:
            painters[f"ours: {model.stem}"] = Remembering(painter_of(model))
    return painters


def artwork_before(name: str) -> bytes:
    """The picture that a style which shipped at `BEFORE` was learned from."""
    command = ["git", "show", f"{BEFORE}:style_pipeline/styles/{name}.jpg"]
    shown = subprocess.run(command, cwd=PROJECT, capture_output=True)
    if shown.returncode:
        raise SystemExit(f"{name}: cannot be had from commit {BEFORE}: fetch the whole history.")
    return shown.stdout


@lru_cache(maxsize=1)
def _tools(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("peers_of_others", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def peer_painters(painting: Painting, *, material: Path = MATERIAL) -> dict[str, Painter]:
    """The networks of others that were trained on this painting, or take any; in our engine those
    that it knows, as people can drop them."""
    tools: Any = _tools(material / "tools/peers.py")
    painters = {}
    for path in sorted((material / "peers").glob("*.safetensors")):
        origin = tools.origin(path)
        kind, name = path.stem.split("_", 1)
        if origin["kind"] == "dumoulin":
            if (style := MULTISTYLE.get(painting.file)) is not None:
                painters[f"{kind} {style} of {name}"] = _in_our_engine(multistyle(path)[style])
        elif origin["artwork"] == "any":
            batch = to_batch(_multiple_of_4(painting.image))
            with torch.inference_mode():
                painters[kind] = _network(tools.load(path, painting=batch))
        elif origin["artwork"] == painting.file:
            known = origin["kind"] == "pytorch-examples"
            painters[f"{kind} {name}"] = (
                _in_our_engine(example(path)) if known else _network(tools.load(path))
            )
    return painters


def _network(network: Any) -> Painter:
    """Of pictures of any size, for a network that needs multiples of 4."""

    @torch.inference_mode()
    def paint(picture: Image) -> Image:
        height, width = picture.shape[:2]
        padded = F.pad(to_batch(picture), (0, -width % 4, 0, -height % 4), mode="reflect")
        return _to_image(network(padded))[:height, :width]

    return paint


def _multiple_of_4(picture: Image) -> Image:
    height, width = (n // 4 * 4 for n in picture.shape[:2])
    return picture[:height, :width]


def _to_image(batch: torch.Tensor) -> Image:
    return np.ascontiguousarray(batch[0].permute(1, 2, 0).numpy())


def model_argument(text: str) -> tuple[str, Path]:
    """A painting's name and a model file, from the command line."""
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        raise argparse.ArgumentTypeError(f"{text!r}: expected PAINTING=MODEL.safetensors")
    return name, Path(path)
