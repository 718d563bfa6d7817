"""The networks that ship with the project, one safetensors file a style."""

from pathlib import Path


def shipped_styles() -> dict[str, Path]:
    """Model file of every shipped style, by style name."""
    return {path.stem: path for path in sorted(Path(__file__).parent.glob("*.safetensors"))}
