"""What the assets are partitioned by, and where a partition's objects are kept."""

import os
from dataclasses import dataclass

import dagster as dg

MAX_CHUNKS = int(os.environ.get("STYLE_PIPELINE_MAX_CHUNKS", "16"))

videos = dg.DynamicPartitionsDefinition(name="videos")
chunks = dg.StaticPartitionsDefinition([f"{slot:03}" for slot in range(MAX_CHUNKS)])
# Dagster orders the dimensions by name, so that keys read `style/clip|003`.
video_chunks = dg.MultiPartitionsDefinition({"video": videos, "video_chunk": chunks})


@dataclass(frozen=True)
class Video:
    """A video's partition: its place under `videos/`, the first folder being the style."""

    key: str

    @property
    def style(self) -> str:
        return self.key.split("/")[0]

    @property
    def source(self) -> str:
        """Where the dropped file is in the media store."""
        return f"videos/{self.key}"
