"""The styles there are, and the engine that paints with them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from style_pipeline.styles import shipped_styles

if TYPE_CHECKING:
    from style_pipeline.stylization.engine import Engine
    from style_pipeline.stylization.model_file import StyleModel

DEVICES = ("auto", "cpu", "cuda")


class CannotPaint(ValueError):
    """There is no such style, its network is damaged, or there is no such device."""


class Stylizer(dg.ConfigurableResource["Stylizer"]):
    """Style networks by name, loaded onto a device.

    torch is imported where a network is loaded: the code server, the daemon and the assets that
    style nothing never pay for it.
    """

    device: str = "auto"
    """One of `DEVICES`; `auto` is a GPU where there is one."""

    def styles(self) -> dict[str, Path]:
        """Model file of every style, by name."""
        return shipped_styles()

    def load(self, style: str) -> tuple[StyleModel, Engine]:
        """A style's model, and an engine that paints with it. Raises `CannotPaint`."""
        import torch

        from style_pipeline.stylization.engine import Engine
        from style_pipeline.stylization.model_file import StyleModelError, load_model

        known = self.styles()
        if style not in known:
            raise CannotPaint(f"there is no style {style!r}: there are {', '.join(known)}")
        if self.device == "cuda" and not torch.cuda.is_available():
            raise CannotPaint(
                "STYLE_PIPELINE_DEVICE is cuda, but torch finds no GPU here: set auto or cpu"
            )
        try:
            model = load_model(known[style])
        except StyleModelError as error:
            raise CannotPaint(f"the network of style {style!r} cannot be used: {error}") from error
        return model, Engine(model.network, device=self.device)
