"""What ships with the project: bodies, and one safetensors file a style."""

from pathlib import Path
from typing import Final

BODY: Final = "2a39b2222e3c02cc3ec67f97858feaf304bcfb2ef6a5dde0c733b213cf03bf12"
"""The digest of the body that new styles are fitted with, see `bodies/`."""


def shipped_styles() -> dict[str, Path]:
    """Model file of every shipped style, by style name."""
    return {path.stem: path for path in sorted(Path(__file__).parent.glob("*.safetensors"))}


def sample_of(style: str) -> Path:
    """A small picture in a shipped style: of the clip that `stylize` makes without a file."""
    return Path(__file__).parent / "samples" / f"{style}.jpg"
