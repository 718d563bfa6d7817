"""The engine that stylizes, and its styles."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from pipeline_kit.errors import PermanentError
from pipeline_kit.machine.interrupts import interrupts_held
from pipeline_kit.storage.store import Store
from style_pipeline.resources.device import missing_device
from style_pipeline.resources.models import fetch_model

if TYPE_CHECKING:
    from style_pipeline.stylization.architecture import Vector
    from style_pipeline.stylization.engine import Engine
    from style_pipeline.stylization.model_file import StyleModel


class CannotStylize(PermanentError):
    """There is no such style, its network is damaged, or there is no such device."""


class Stylizer(dg.ConfigurableResource["Stylizer"]):
    """Style networks, loaded onto a device.

    OpenVINO or torch is imported where pictures are stylized: the code server, the daemon and the
    assets that style nothing never pay for it.
    """

    device: str = "auto"
    """`auto`, `cpu` or `cuda`; `auto` is a GPU where there is one."""
    price_per_hour: float | None = None
    """Of the machine that stylizes one chunk at a time, in any currency."""

    def load(
        self, ops: Store, *, models: Mapping[str, str], folder: Path
    ) -> tuple[Engine, dict[str, Vector]]:
        """An engine for exactly the models of these hashes, which are fetched into `folder`, and
        the vector of each style.

        Raises `ObjectNotFound` where one is gone, and `CannotStylize`.
        """
        if missing := missing_device(self.device):
            raise CannotStylize(missing)
        with interrupts_held():
            from style_pipeline.stylization.engine import Engine

        loaded = check_mixable(ops, models, folder)
        network = next(iter(loaded.values())).network
        with interrupts_held():  # OpenVINO or PyTorch is imported
            engine = Engine.load(network, device=self.device)
        return engine, {style: model.network.style for style, model in loaded.items()}


def load_models(ops: Store, models: Mapping[str, str], folder: Path) -> dict[str, StyleModel]:
    """Exactly the models of these hashes, by style.

    Raises `ObjectNotFound` where one is gone, and `CannotStylize` where one is damaged.
    """
    from style_pipeline.stylization.model_file import StyleModelError, load_model

    loaded = {}
    for style, sha256 in models.items():
        try:
            model = load_model(fetch_model(ops, style=style, sha256=sha256, folder=folder))
        except StyleModelError as error:
            raise CannotStylize(
                f"the network of style {style!r} cannot be used: {error}"
            ) from error
        if model.sha256 != sha256:
            raise CannotStylize(
                f"the network of style {style!r} is {model.sha256[:12]} and not {sha256[:12]}: "
                "train the style again"
            )
        loaded[style] = model
    return loaded


def check_mixable(ops: Store, models: Mapping[str, str], folder: Path) -> dict[str, StyleModel]:
    """The same. Raises `CannotStylize` also where they are not of one body and cannot be mixed."""
    loaded = load_models(ops, models, folder)
    if len({model.body for model in loaded.values()}) > 1:
        named = ", ".join(f"{style} ({model.body[:8]})" for style, model in loaded.items())
        raise CannotStylize(
            f"these styles have networks of their own and cannot be mixed: {named}: train those "
            "again that were trained by a former version"
        )
    return loaded
