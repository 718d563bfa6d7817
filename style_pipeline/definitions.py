"""All that the code location offers."""

import dagster as dg

from style_pipeline.assets.audio import audio
from style_pipeline.assets.frames import frames
from style_pipeline.assets.styled_frames import styled_frames
from style_pipeline.assets.styled_video import styled_video
from style_pipeline.partitions import videos as video_partitions
from style_pipeline.resources.settings import settings
from style_pipeline.sensors import automation, new_videos

videos = dg.AssetSpec(
    "videos",
    description="Video files that people drop into `videos/<style>/` of the media store.",
    group_name="source",
    kinds={"azureblobstorage"},
    owners=["team:media"],
    partitions_def=video_partitions,
)

defs = dg.Definitions(
    assets=[videos, audio, frames, styled_frames, styled_video],
    sensors=[new_videos, automation],
    resources=resources(),
    executor=dg.in_process_executor,
)
