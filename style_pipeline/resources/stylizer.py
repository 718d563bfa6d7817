"""The engine that paints with a style's network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from pipeline_kit.errors import PermanentError
from pipeline_kit.machine.interrupts import interrupts_held
from pipeline_kit.storage.store import Store
from style_pipeline.resources.device import missing_device
from style_pipeline.resources.models import fetch_model

if TYPE_CHECKING:
    from style_pipeline.stylization.engine import Engine


class CannotPaint(PermanentError):
    """There is no such style, its network is damaged, or there is no such device."""


class Stylizer(dg.ConfigurableResource["Stylizer"]):
    """Style networks, loaded onto a device.

    OpenVINO or torch is imported where pictures are painted: the code server, the daemon and the
    assets that style nothing never pay for it.
    """

    device: str = "auto"
    """`auto`, `cpu` or `cuda`; `auto` is a GPU where there is one."""
    price_per_hour: float | None = None
    """Of the machine that paints one chunk at a time, in any currency."""

    def load(self, ops: Store, *, style: str, sha256: str, folder: Path) -> Engine:
        """An engine that paints with exactly that network, which is fetched into `folder`.

        Raises `ObjectNotFound` where it is gone, and `CannotPaint`.
        """
        if missing := missing_device(self.device):
            raise CannotPaint(missing)
        with interrupts_held():
            from style_pipeline.stylization.engine import Engine
            from style_pipeline.stylization.model_file import StyleModelError, load_model

        try:
            model = load_model(fetch_model(ops, style=style, sha256=sha256, folder=folder))
        except StyleModelError as error:
            raise CannotPaint(f"the network of style {style!r} cannot be used: {error}") from error
        if model.sha256 != sha256:
            raise CannotPaint(
                f"the network of style {style!r} is {model.sha256[:12]} and not {sha256[:12]}: "
                "train the style again"
            )
        with interrupts_held():  # OpenVINO or PyTorch is imported
            return Engine(model.network, device=self.device)
