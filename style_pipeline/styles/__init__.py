"""What ships with the project: bodies, and one safetensors file a style."""

from pathlib import Path
from typing import Final

BODY: Final = "701afa59ca91dc27a0b08734ce3e54825a7d1f19556843665b1b85038d021a72"
"""The digest of the body that new styles are fitted with, see `bodies/`."""


def shipped_styles() -> dict[str, Path]:
    """Model file of every shipped style, by style name."""
    return {path.stem: path for path in sorted(Path(__file__).parent.glob("*.safetensors"))}
