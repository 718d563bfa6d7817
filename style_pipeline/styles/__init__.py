"""What ships with the project: bodies, and one safetensors file a style."""

from pathlib import Path
from typing import Final

BODY: Final = ""
"""The digest of the body that new styles are fitted with, see `bodies/`."""


def shipped_styles() -> dict[str, Path]:
    """Model file of every shipped style, by style name."""
    return {path.stem: path for path in sorted(Path(__file__).parent.glob("*.safetensors"))}
