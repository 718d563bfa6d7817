"""Events of other assets than the one that a step or a sensor is for."""

import dagster as dg

from pipeline_kit.orchestration.data_versions import observation
from style_pipeline.media.frame_index import FrameIndex
from style_pipeline.object_names import Video
from style_pipeline.partitions import MAX_CHUNKS, chunk_key

CURRENT_STYLE = dg.AssetKey("current_style")


def record_unneeded_slots(
    context: dg.AssetExecutionContext, video: Video, index: FrameIndex
) -> None:
    """Complete the grid of chunks, so that no run starts for nothing and the film can follow."""
    for slot in range(MAX_CHUNKS):
        if not index.chunk(slot):
            context.log_event(
                dg.AssetMaterialization(
                    "styled_frames",
                    partition=chunk_key(video.key, slot),
                    metadata={"frames": 0},
                )
            )


def observed(video: str, version: str, *, model_hash: str, settings: str) -> dg.AssetObservation:
    """The event that the folder of the video of that key stands for `version` from now on.

    `settings` is the name of its `style.toml`, if there is one.
    """
    return observation(
        CURRENT_STYLE,
        video,
        version,
        metadata={"model_hash": model_hash, "settings": settings or "none"},
    )
