"""Both stores in folders, where tests drop clips and materialize the assets of a video."""

import base64
import io
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from PIL import Image

from pipeline_kit.storage.store import Store
from style_pipeline.assets import frames as frames_asset
from style_pipeline.assets.audio import audio
from style_pipeline.assets.frames import frames
from style_pipeline.assets.look import look
from style_pipeline.assets.preview import preview
from style_pipeline.assets.styled_frames import styled_frames
from style_pipeline.assets.styled_video import styled_video
from style_pipeline.look.look import Look
from style_pipeline.media.frame_index import FrameIndex, read_index
from style_pipeline.media.indexing import index_frames
from style_pipeline.object_names import Video
from style_pipeline.partitions import chunk_key, chunks
from style_pipeline.resources.ffmpeg import FFmpeg
from style_pipeline.resources.models import publish_model
from style_pipeline.resources.stylizer import Stylizer
from style_pipeline.stylization.model_file import save_model
from style_pipeline_tests.assets.local import Local
from style_pipeline_tests.stylization.stylizing import untrained

ASSETS = [audio, frames, look, styled_frames, styled_video, preview]
FRAMES = 12
MIN_FRAMES = 4
CHUNKS = FRAMES // MIN_FRAMES
SIZE = (64, 48)
CLIP = Video("small/clip.mp4")


@dataclass(frozen=True)
class Journey(Local):
    """One person's stores and Dagster."""

    stylizer: Stylizer = field(default_factory=lambda: Stylizer(device="cpu"))
    encoder: FFmpeg = field(default_factory=lambda: FFmpeg(preset="ultrafast", crf=0))

    @property
    def scratch(self) -> Path:
        return self.root / "scratch"

    def add_style(self, name: str, *, seed: int = 1) -> str:
        """A small network with colors of its own; returns its hash."""
        return publish_small_network(self.ops, name, seed=seed)

    def drop(self, clip: Path, video: Video = CLIP) -> Video:
        self.media.upload(clip, video.source)
        self.instance.add_dynamic_partitions("videos", [video.key])
        return video

    def run(
        self,
        asset: str,
        video: Video = CLIP,
        *,
        slot: int | None = None,
        tags: dict[str, str] | None = None,
        **config: Any,
    ) -> dg.ExecuteInProcessResult:
        """Materialize one partition; a slot is one of styled_frames."""
        key = video.key
        if slot is not None:
            key = chunk_key(video.key, slot)
        return dg.materialize(
            ASSETS,
            selection=[asset],
            partition_key=key,
            instance=self.instance,
            tags=tags,
            resources={
                "media": self.media,
                "ops": self.ops,
                "stylizer": self.stylizer,
                "ffmpeg": self.encoder,
            },
            run_config={"ops": {asset: {"config": config}}} if config else None,
            raise_on_error=False,
        )

    def make(
        self, asset: str, video: Video = CLIP, *, slot: int | None = None, **config: Any
    ) -> dict[str, Any]:
        """Materialize one partition, and return its metadata."""
        result = self.run(asset, video, slot=slot, **config)
        assert result.success, failure(result)
        (event,) = result.get_asset_materialization_events()[-1:]
        return values(event.materialization)

    def make_chunks(self, video: Video = CLIP, **config: bool) -> list[dict[str, Any]]:
        """Materialize every slot that has frames."""
        return [
            self.make("styled_frames", video, slot=slot, **config)
            for slot, chunk in enumerate(self.index(video).chunks)
            if chunk
        ]

    def make_ready(self, video: Video = CLIP) -> None:
        """Materialize everything that comes before the chunks, but the sound."""
        self.make("frames", video)
        self.make("look", video)

    def make_film(self, video: Video = CLIP) -> dict[str, Any]:
        """Materialize everything that comes before the film, and the film."""
        self.make("audio", video)
        self.make_ready(video)
        self.make_chunks(video)
        return self.make("styled_video", video)

    def index(self, video: Video = CLIP) -> FrameIndex:
        return read_index(self.root / "ops" / video.index)

    def look(self, video: Video = CLIP) -> Look:
        return Look.from_json(self.ops.read(video.look))

    def film(self, video: Video = CLIP) -> FrameIndex:
        return index_frames(self.root / "media" / video.film("mp4"), deinterlace=False)

    def contents(self) -> dict[str, bytes]:
        """All objects of both stores, but the record of the film, which has the time in it."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for store in ("media", "ops")
            for path in sorted((self.root / store).rglob("*"))
            if path.is_file() and path.name != "film.json"
        }


def values(made: dg.AssetMaterialization) -> dict[str, Any]:
    return {name: value.value for name, value in made.metadata.items()}


def failure(result: dg.ExecuteInProcessResult) -> str:
    """What the person reads who opens the failed run."""
    (event,) = result.get_step_failure_events()
    data = event.step_failure_data
    assert data.user_failure_data, data.error
    return data.user_failure_data.description or ""


def retries(result: dg.ExecuteInProcessResult) -> int:
    return sum(event.is_step_up_for_retry for event in result.all_events)


def said(journey: Journey, result: dg.ExecuteInProcessResult) -> list[str]:
    """Everything that a run logs, from debug upwards."""
    return [entry.message for entry in journey.instance.all_logs(result.run_id)]


def checks(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    """Checks that were evaluated, and whether they passed."""
    return {check.check_name: check.passed for check in result.get_asset_check_evaluations()}


def slots_done(journey: Journey) -> list[str]:
    """Slots of styled_frames that Dagster holds to be materialized."""
    done = journey.instance.get_materialized_partitions(dg.AssetKey("styled_frames"))
    return [slot for slot in chunks.get_partition_keys() if f"{CLIP.key}|{slot}" in done]


def publish_small_network(ops: Store, style: str, *, seed: int) -> str:
    """Make a network of a few channels the style's current one; returns its hash."""
    network = untrained("transformer", seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "network.safetensors")
        sha256 = save_model(path, network, style=style, recipe={}, data={}, artwork_sha256="")
        publish_model(ops, style=style, path=path, sha256=sha256)
    return sha256


@contextmanager
def new_journey(
    root: Path, *, min_frames: int = MIN_FRAMES, instance: dg.DagsterInstance | None = None
) -> Iterator[Journey]:
    """A journey in a folder; scratch files go there too. It remembers nothing, or in `instance`."""
    (root / "scratch").mkdir(parents=True)
    instance = instance or dg.DagsterInstance.ephemeral(str(root / "dagster"))
    with instance, pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(root / "scratch"))
        patch.setattr(frames_asset, "MIN_FRAMES", min_frames)
        patch.setattr(dg.RetryPolicy, "calculate_delay", lambda policy, attempt: 0)
        journey = Journey(root, instance)
        journey.add_style("small")
        yield journey


def picture_in(markdown: str) -> Image.Image:
    """The picture that the UI renders from a Markdown value."""
    found = re.fullmatch(r"!\[[\w ]+\]\(data:image/(jpeg|webp);base64,([\w+/=]+)\)", markdown)
    assert found, markdown[:80]
    image = Image.open(io.BytesIO(base64.b64decode(found[2], validate=True)))
    assert image.format == found[1].upper()
    image.load()
    return image
