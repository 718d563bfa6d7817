"""The styles there are, and the engine that paints with them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from style_pipeline.styles import shipped_styles

if TYPE_CHECKING:
    from style_pipeline.stylization.engine import Engine
    from style_pipeline.stylization.model_file import StyleModel


class UnknownStyle(ValueError):
    """There is no network for a style."""


class Stylizer(dg.ConfigurableResource["Stylizer"]):
    """Style networks by name, loaded onto a device.

    torch is imported where a network is loaded: the code server, the daemon and the assets that
    style nothing never pay for it.
    """

    device: str = "auto"
    """`cuda`, `cpu`, or `auto` for a GPU where there is one."""

    def styles(self) -> dict[str, Path]:
        """Model file of every style, by name."""
        return shipped_styles()

    def load(self, style: str) -> tuple[StyleModel, Engine]:
        """A style's model, and an engine that paints with it.

        Raises `UnknownStyle`, and `StyleModelError` for a file that is not a usable model.
        """
        from style_pipeline.stylization.engine import Engine
        from style_pipeline.stylization.model_file import load_model

        known = self.styles()
        if style not in known:
            raise UnknownStyle(f"there is no style {style!r}: there are {', '.join(known)}")
        model = load_model(known[style])
        return model, Engine(model.network, device=self.device)
