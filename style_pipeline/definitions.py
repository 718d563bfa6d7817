"""All that the code location offers."""

import dagster as dg

from style_pipeline.assets.audio import audio
from style_pipeline.assets.frames import frames
from style_pipeline.assets.styled_frames import styled_frames
from style_pipeline.assets.styled_video import styled_video
from style_pipeline.assets.videos import videos
from style_pipeline.resources.settings import resources
from style_pipeline.sensors import automation, new_videos

defs = dg.Definitions(
    assets=[videos, audio, frames, styled_frames, styled_video],
    sensors=[new_videos, automation],
    resources=resources(),
    executor=dg.in_process_executor,
)
