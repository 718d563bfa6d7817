"""What the assets are partitioned by."""

from collections.abc import Mapping, Sequence

import dagster as dg

from style_pipeline.settings import load_settings

_SETTINGS = load_settings()
MAX_CHUNKS, MIN_FRAMES = _SETTINGS.max_chunks, _SETTINGS.min_frames
POLL_SECONDS = _SETTINGS.poll_seconds

videos = dg.DynamicPartitionsDefinition(name="videos")
styles = dg.DynamicPartitionsDefinition(name="styles")
chunks = dg.StaticPartitionsDefinition([f"{slot:03}" for slot in range(MAX_CHUNKS)])
# Dagster orders the dimensions by name, so that keys read `style/clip|003`.
video_chunks = dg.MultiPartitionsDefinition({"video": videos, "video_chunk": chunks})

UPLOAD_TAG = "style_pipeline/upload"
"""Tag of a run: the ETag of the file that it was started for."""


def chunk_key(video: str, slot: int) -> dg.MultiPartitionKey:
    """The partition of a chunk of the video of that key."""
    return dg.MultiPartitionKey({"video": video, "video_chunk": f"{slot:03}"})


def partitions_of(
    video: str, wanted: Mapping[str, Sequence[int]]
) -> dict[str, tuple[dg.PartitionsDefinition, list[str]]]:
    """Partitions of assets of one video: those slots of an asset in chunks, else the video's."""
    return {
        asset: (video_chunks, [chunk_key(video, slot) for slot in slots])
        if slots
        else (videos, [video])
        for asset, slots in wanted.items()
    }
