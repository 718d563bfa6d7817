"""What a film was made by, which its own metadata says."""

import json
import re
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from style_pipeline.look.look import Look
from style_pipeline.media.source import UnreadableVideo, open_video
from style_pipeline.media.video_format import VideoFormat
from style_pipeline.styles import STANDARD
from style_pipeline.stylization.strokes import usual_reduction

_WORD: Final = "style_pipeline"


class NoRecipe(UnreadableVideo):
    """A film does not say what it was made by."""

    remedy = "only films of this project do, from version 0.1.0 on"


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What a film says of itself."""

    style: str
    """The folder's."""
    networks: dict[str, str]
    """The hash of each style that takes part."""
    settings: dict[str, Any] = field(default_factory=dict)
    """As in a `style.toml`, of what is not as usual."""
    version: str


def recipe_of(look: Look, video: VideoFormat) -> str:
    """One line for the comment of a film of that video."""
    told = {
        "style": look.style,
        "networks": look.hashes,
        "settings": _settings(look, video),
    }
    return f"{_WORD} {version(_WORD)} {json.dumps(told, separators=(',', ':'))}"


def _settings(look: Look, video: VideoFormat) -> dict[str, Any]:
    size = look.size or video.upright_size
    strokes = round(look.reduction / usual_reduction(size), 4)
    usual = {
        "strength": 1.0,
        "preserve_colours": False,
        "quality": STANDARD,
        "codec": "h264",
        "bits": 8,
    }
    found = {name: getattr(look, name) for name in usual}
    mixtures = [
        [keyframe.seconds, {style: round(share, 6) for style, share in keyframe.mixture.items()}]
        for keyframe in look.keyframes
    ]
    return {
        **{name: value for name, value in found.items() if value != usual[name]},
        **({"style": mixtures} if mixtures else {}),
        **({"strokes": strokes} if strokes != 1 else {}),
        **({"hdr": "keep"} if look.keeps_hdr else {}),
        **({"size": "{}x{}".format(*look.size)} if look.size else {}),
        **({"damaged": "conceal"} if video.concealed else {}),
        **({"interlaced": "keep"} if video.fields else {}),
        **({"from": float(video.cut_start)} if video.cut_start else {}),
        **({"to": float(video.cut_end)} if video.cut_end else {}),
    }


def parse_recipe(comment: str) -> Recipe | None:
    """What a comment says; the last one counts, as of a film that was made of a film."""
    lines = [re.fullmatch(rf"{_WORD} (\S+) (\{{.*\}})", line) for line in comment.splitlines()]
    for line in filter(None, reversed(lines)):
        try:
            told = json.loads(line[2])
            return Recipe(
                style=str(told["style"]),
                networks={str(style): str(sha) for style, sha in told["networks"].items()},
                settings=dict(told["settings"]),
                version=line[1],
            )
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            continue
    return None


def read_recipe(film: Path) -> Recipe:
    """What a film was made by, wherever it is. Raises `NoRecipe`, and `UnreadableVideo`."""
    with open_video(film) as (container, _):
        tags = {name.lower(): text for name, text in container.metadata.items()}
    recipe = parse_recipe(tags.get("comment", ""))
    if recipe is None:
        raise NoRecipe(f"{film.name} does not say what it was made by")
    return recipe
