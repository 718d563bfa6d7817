"""All that the code location offers."""

import dagster as dg

from pipeline_kit.orchestration.lost_runs import lost_runs_sensor
from pipeline_kit.orchestration.notices import (
    told_when_a_sensor_breaks,
    told_when_failed,
    told_when_made,
    told_when_refused,
)
from style_pipeline.assets.audio import audio
from style_pipeline.assets.chunk_plan import chunk_plan
from style_pipeline.assets.current_style import current_style
from style_pipeline.assets.frames import frames
from style_pipeline.assets.look import look
from style_pipeline.assets.paintings import paintings
from style_pipeline.assets.preview import preview
from style_pipeline.assets.style_model import style_model
from style_pipeline.assets.styled_frames import styled_frames
from style_pipeline.assets.styled_video import styled_video
from style_pipeline.assets.videos import videos
from style_pipeline.notices import film_notice, notifier, style_notice
from style_pipeline.partitions import UPLOAD_TAG
from style_pipeline.resources.settings import resources
from style_pipeline.sensors.automation import automation, refresh_partition_status
from style_pipeline.sensors.new_styles import new_styles
from style_pipeline.sensors.new_videos import new_videos

retry_lost_runs = lost_runs_sensor("retry_lost_runs", kept_tags=[UPLOAD_TAG])

defs = dg.Definitions(
    assets=[
        *(paintings, style_model, current_style),
        *(videos, audio, frames, look, chunk_plan, styled_frames, styled_video, preview),
    ],
    sensors=[
        *(new_styles, new_videos, automation, refresh_partition_status, retry_lost_runs),
        told_when_made(notifier, {"styled_video": film_notice, "style_model": style_notice}),
        told_when_failed(notifier),
        told_when_refused(notifier, ["videos", "paintings"]),
        told_when_a_sensor_breaks(notifier),
    ],
    resources=resources(),
    executor=dg.in_process_executor,
)
