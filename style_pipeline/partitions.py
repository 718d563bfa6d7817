"""What the assets are partitioned by, and where a partition's objects are kept."""

from dataclasses import dataclass

import dagster as dg

from style_pipeline.process.environment import whole_number

MAX_CHUNKS = whole_number("MAX_CHUNKS", 16, least=1, most=1000)
"""Slots for chunks: no video is shared among more workers."""
MIN_FRAMES = whole_number("MIN_FRAMES", 240, least=1, most=1_000_000)
"""No chunk has fewer frames, unless the video has: a worker costs seconds before its first."""
POLL_SECONDS = whole_number("POLL_SECONDS", 5, least=1, most=3600)
"""Between two looks of a sensor at what was dropped, and at what is due."""

videos = dg.DynamicPartitionsDefinition(name="videos")
styles = dg.DynamicPartitionsDefinition(name="styles")
chunks = dg.StaticPartitionsDefinition([f"{slot:03}" for slot in range(MAX_CHUNKS)])
# Dagster orders the dimensions by name, so that keys read `style/clip|003`.
video_chunks = dg.MultiPartitionsDefinition({"video": videos, "video_chunk": chunks})

UPLOAD_TAG = "style_pipeline/upload"
"""Tag of a run: the ETag of the file that it was started for."""


@dataclass(frozen=True)
class Video:
    """A video's partition: its place under `videos/`, the first folder being the style."""

    key: str

    @property
    def style(self) -> str:
        return self.key.split("/")[0]

    @property
    def filename(self) -> str:
        return self.key.split("/")[-1]

    @property
    def source(self) -> str:
        """The dropped file, in the media store."""
        return f"videos/{self.key}"

    def film(self, extension: str) -> str:
        """The finished film, in the media store: `clip.mp4`, or `clip.mov.mp4` of a MOV."""
        suffix = f".{extension}"
        return f"styled/{self.key.removesuffix(suffix)}{suffix}"

    def images(self, kind: str) -> str:
        """Exported images, in the media store."""
        return f"images/{kind}/{self.key}"

    @property
    def index(self) -> str:
        """The frame index, in the ops store."""
        return f"work/{self.key}/frames.parquet"

    @property
    def look(self) -> str:
        """How it is painted, in the ops store."""
        return f"work/{self.key}/look.json"

    def audio(self, extension: str) -> str:
        """The audio tracks, in the ops store."""
        return f"work/{self.key}/audio.{extension}"

    def chunk(self, slot: int) -> dg.MultiPartitionKey:
        """The partition of a chunk."""
        return dg.MultiPartitionKey({"video": self.key, "video_chunk": f"{slot:03}"})

    @property
    def segments(self) -> str:
        """The folder of `segment`."""
        return f"work/{self.key}/segments"

    def segment(self, slot: int) -> str:
        """A chunk's styled frames, in the ops store."""
        return f"{self.segments}/{slot:03}.mp4"

    @property
    def contact_sheet(self) -> str:
        """Source beside styled frames, in the media store next to the film."""
        return f"styled/{self.key}.jpg"


@dataclass(frozen=True)
class Style:
    """A style's partition: the name of its painting, and of the folder of its videos."""

    key: str

    def painting(self, extension: str) -> str:
        """The dropped painting, in the media store."""
        return f"styles/{self.key}.{extension}"

    @property
    def checkpoint(self) -> str:
        """Where a killed training goes on, in the ops store."""
        return f"training/{self.key}/checkpoint"

    def model(self, sha256: str) -> str:
        """A trained network, in the ops store."""
        return f"models/{self.key}/{sha256}.safetensors"

    @property
    def current_model(self) -> str:
        """The hash of the network that the style stands for now, in the ops store."""
        return f"models/{self.key}/current"
