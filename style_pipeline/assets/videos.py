"""videos: what people drop, where every film's lineage begins."""

import dagster as dg

from style_pipeline import partitions
from style_pipeline.settings import kind_of_media

videos = dg.AssetSpec(
    "videos",
    description="Files that people drop into `videos/<style>/` of the media store. The sensor "
    "`new_videos` notes here which it took, and which it could not take and why.",
    partitions_def=partitions.videos,
    group_name="source",
    kinds={kind_of_media()},
    owners=["team:media"],
)
