"""What ships with the project: bodies, styles of theirs, and the networks of before."""

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent

STANDARD: Final = "standard"
FINE: Final = "fine"
"""Qualities: each has a body, for CPUs, and for GPUs and patient people."""

BODY: Final = "476d5d750aab25ad45e89cd8b9d7f3d76cc11de58073837645f9c8ba346c3c27"
"""The digest of the body that new styles are fitted with, see `bodies/`."""
FINE_BODY: Final = "d1d518a006aefff2a5d6ada113a38a45adc7123fd0d2a1191f87f03b1ba182a7"
"""The same of quality `fine`."""
BODY_OF: Final = {STANDARD: BODY, FINE: FINE_BODY}
"""The digest by quality."""


def shipped_styles(quality: str = STANDARD) -> dict[str, Path]:
    """Model file of every shipped style for the body of a quality, by style name."""
    return _models_in(FINE if quality == FINE else ".")


def former_networks() -> dict[str, Path]:
    """The networks of their own that styles shipped with until 0.1, by style name."""
    return _models_in("former/0.1")


def networks_of(style: str) -> list[Path]:
    """All model files that ship for a style, also those of before: films that began with one are
    finished with it."""
    return sorted(path for path in FOLDER.rglob("*.safetensors") if path.stem == style)


def _models_in(folder: str) -> dict[str, Path]:
    return {path.stem: path for path in sorted((FOLDER / folder).glob("*.safetensors"))}


def sample_of(style: str) -> Path:
    """A small picture in a shipped style: of the clip that `stylize` makes without a file."""
    return FOLDER / "samples" / f"{style}.jpg"
