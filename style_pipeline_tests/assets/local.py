"""Both stores in folders, and a Dagster instance that remembers what is made in them."""

from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from pipeline_kit.storage.store import Store


@dataclass(frozen=True)
class Local:
    root: Path
    instance: dg.DagsterInstance

    @property
    def media(self) -> Store:
        return Store(url=(self.root / "media").as_uri())

    @property
    def ops(self) -> Store:
        return Store(url=(self.root / "ops").as_uri())
