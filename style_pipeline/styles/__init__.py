"""What ships with the project: bodies, and one safetensors file a style and body."""

from pathlib import Path
from typing import Final

STANDARD: Final = "standard"
FINE: Final = "fine"
"""Qualities: each has a body, for CPUs, and for GPUs and patient people."""

BODY: Final = "2a39b2222e3c02cc3ec67f97858feaf304bcfb2ef6a5dde0c733b213cf03bf12"
"""The digest of the body that new styles are fitted with, see `bodies/`."""
FINE_BODY: Final = "057f1781c5c23a1d9b2f87a03545cdf1f39216f2dfbac1119e570b161437bdff"
"""The same of quality `fine`."""
BODY_OF: Final = {STANDARD: BODY, FINE: FINE_BODY}
"""The digest by quality."""


def shipped_styles(quality: str = STANDARD) -> dict[str, Path]:
    """Model file of every shipped style, by style name; of the fine body, of those that have one
    for it."""
    folder = Path(__file__).parent
    folder = folder / FINE if quality == FINE else folder
    return {path.stem: path for path in sorted(folder.glob("*.safetensors"))}


def sample_of(style: str) -> Path:
    """A small picture in a shipped style: of the clip that `stylize` makes without a file."""
    return Path(__file__).parent / "samples" / f"{style}.jpg"
