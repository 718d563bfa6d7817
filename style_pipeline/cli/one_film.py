"""One film through the same assets as all others, in this process and without a daemon."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Any

import dagster as dg

from pipeline_kit.storage.store import Store
from style_pipeline.assets.audio import audio
from style_pipeline.assets.frames import frames
from style_pipeline.assets.look import look
from style_pipeline.assets.styled_frames import styled_frames
from style_pipeline.assets.styled_video import styled_video
from style_pipeline.look.style_toml import SETTINGS_FILE
from style_pipeline.object_names import Video
from style_pipeline.partitions import chunk_key
from style_pipeline.resources.models import fetch_model, publish_model, trained_styles
from style_pipeline.resources.settings import resources
from style_pipeline.styles import BODY_OF

ASSETS = [audio, frames, look, styled_frames, styled_video]

Metadata = Mapping[str, Any]


@dataclass(frozen=True)
class Workplace:
    """A folder with stores and a Dagster instance of its own, for one film."""

    folder: Path
    video: Video
    instance: dg.DagsterInstance
    log_level: str = "CRITICAL"

    def bring(self, clip: Path, *, library: Store | None, settings: str = "") -> None:
        """Put the clip where a person would drop it, with `settings` as its `style.toml`, and
        networks of `library` beside it."""
        place = self.folder / "media" / self.video.source
        place.parent.mkdir(parents=True)
        copyfile(clip, place)
        (place.parent / SETTINGS_FILE).write_text(settings)
        style = self.video.style
        if library:
            for quality in BODY_OF:
                if sha256 := trained_styles(library, quality).get(style):
                    path = fetch_model(library, style=style, sha256=sha256, folder=self.folder)
                    ops = self.stores()["ops"]
                    publish_model(ops, style=style, path=path, sha256=sha256, quality=quality)
        self.instance.add_dynamic_partitions("videos", [self.video.key])

    def read(self) -> tuple[Metadata, Metadata]:
        """Materialize what is known before anything is stylized: `audio` and `frames`."""
        made = self._run(self.video.key, "audio", "frames")
        return made["audio"], made["frames"]

    def stylize(self, chunk_count: int) -> list[Metadata]:
        """Materialize `look` and the chunks."""
        self._run(self.video.key, "look")
        return [
            self._run(chunk_key(self.video.key, slot), "styled_frames")["styled_frames"]
            for slot in range(chunk_count)
        ]

    def finish(self) -> Metadata:
        """Materialize `styled_video`."""
        return self._run(self.video.key, "styled_video")["styled_video"]

    def stores(self) -> dict[str, Store]:
        return {name: Store(url=(self.folder / name).as_uri()) for name in ("media", "ops")}

    def _run(self, partition: str, *assets: str) -> dict[str, Metadata]:
        """The metadata of each. Raises `dagster.Failure` with the line that says what to do."""
        result = dg.materialize(
            ASSETS,
            selection=assets,
            partition_key=partition,
            instance=self.instance,
            resources={**resources(), **self.stores()},
            run_config={"loggers": {"console": {"config": {"log_level": self.log_level}}}},
        )
        made = {asset: result.asset_materializations_for_node(asset)[-1] for asset in assets}
        return {
            asset: {name: value.value for name, value in event.metadata.items()}
            for asset, event in made.items()
        }
