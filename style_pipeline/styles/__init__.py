"""What ships with the project: bodies, and one safetensors file a style."""

from pathlib import Path
from typing import Final

BODY: Final = "f3780e272aeac9aa0d0b4a21810207e156738a23eb4e03bc6c306a5039bd39fc"
"""The digest of the body that new styles are fitted with, see `bodies/`."""


def shipped_styles() -> dict[str, Path]:
    """Model file of every shipped style, by style name."""
    return {path.stem: path for path in sorted(Path(__file__).parent.glob("*.safetensors"))}


def sample_of(style: str) -> Path:
    """A small picture in a shipped style: of the clip that `stylize` makes without a file."""
    return Path(__file__).parent / "samples" / f"{style}.jpg"
