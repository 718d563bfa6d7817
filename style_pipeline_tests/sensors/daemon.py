"""What the daemon does with the ticks of sensors."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
from dagster._core.definitions.sensor_definition import SensorExecutionData

from pipeline_kit.storage.store import Store
from style_pipeline.partitions import styles, videos
from style_pipeline.resources.models import publish_model
from style_pipeline.resources.trainer import Trainer
from style_pipeline.sensors.automation import automation
from style_pipeline.sensors.new_styles import new_styles
from style_pipeline.sensors.new_videos import new_videos
from style_pipeline.styles import STANDARD, shipped_styles

VIDEOS, PAINTINGS, STYLE_MODEL, CURRENT_STYLE = (
    dg.AssetKey(name) for name in ("videos", "paintings", "style_model", "current_style")
)


@dg.asset(partitions_def=videos)
def audio() -> None: ...


@dg.asset(partitions_def=videos)
def frames() -> None: ...


@dg.asset(partitions_def=videos)
def look() -> None: ...


@dg.asset(partitions_def=styles)
def style_model() -> None: ...


definitions = dg.Definitions(
    assets=[dg.AssetSpec(VIDEOS, partitions_def=videos), audio, frames, look, style_model],
    sensors=[new_styles, new_videos, automation],
)


@dataclass
class Dagster:
    """Does with a tick what the daemon does, in its order: events, partitions, runs, cursor."""

    instance: dg.DagsterInstance
    media: Store
    ops: Store
    sensor: dg.SensorDefinition = new_videos
    photographs: str = ""
    cursor: str | None = None
    launched: Counter[str] = field(default_factory=Counter)

    def tick(self, *, dies_before_the_cursor: bool = False) -> SensorExecutionData:
        with dg.build_sensor_context(
            instance=self.instance,
            instance_ref=self.instance.get_ref(),
            cursor=self.cursor,
            definitions=definitions,
            sensor_name=self.sensor.name,
            resources={
                "media": self.media,
                "ops": self.ops,
                "trainer": Trainer(photographs=self.photographs),
            },
        ) as context:
            tick = self.sensor.evaluate_tick(context)
        for event in tick.asset_events:
            self.instance.report_runless_asset_event(event)
        for request in tick.dynamic_partitions_requests or ():
            self.instance.add_dynamic_partitions(
                request.partitions_def_name, list(request.partition_keys)
            )
        self.launched.update({str(run.run_key) for run in tick.run_requests or ()})
        if not dies_before_the_cursor:
            self.cursor = tick.cursor
        return tick

    def partitions(self) -> list[str]:
        return sorted(self.instance.get_dynamic_partitions("videos"))

    def train(self, style: str, *, sha256: str, quality: str = STANDARD) -> None:
        """What style_model does in the end."""
        network = next(iter(shipped_styles().values()))
        publish_model(self.ops, style=style, path=network, sha256=sha256, quality=quality)

    def current_styles(self) -> dict[str, list[str]]:
        """The data versions of current_style that were noted for each video."""
        noted: dict[str, list[str]] = {}
        for record in reversed(self.instance.fetch_observations(CURRENT_STYLE, limit=99).records):
            assert record.asset_observation is not None
            version = record.asset_observation.data_version or ""
            noted.setdefault(record.partition_key or "", []).append(version)
        return noted

    def told(self, asset: dg.AssetKey) -> list[tuple[str, str]]:
        """Files that were not taken, and why."""
        found = []
        for record in reversed(self.instance.fetch_observations(asset, limit=99).records):
            assert record.asset_observation is not None
            metadata = record.asset_observation.metadata
            found.append((str(metadata["file"].value), str(metadata["reason"].value)))
        return found


def new_dagster(instance: dg.DagsterInstance, media: Store, folder: Path) -> Dagster:
    """Where one style was trained beside those that ship."""
    dagster = Dagster(instance, media, Store(url=(folder / "ops").as_uri()))
    dagster.train("fresco", sha256="1" * 64)
    return dagster


def reports(media: Store) -> dict[str, str]:
    """The reason in each report that lies beside the media."""
    found = (report.name for report in media.list("rejected"))
    return {name: json.loads(media.read(name))["reason"] for name in found}
