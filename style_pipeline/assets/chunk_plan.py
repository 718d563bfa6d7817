"""chunk_plan: an event for each chunk that is to be stylized, which starts it."""

import dagster as dg

from style_pipeline.partitions import video_chunks

# Chunks once followed from `look` itself. A tick that fell between the slots that a short video
# does not need, which were recorded as done, and the `look` after them asked for all of these: 5
# to 15 runs for nothing, each a GPU pod. From an event for each chunk that is needed, no tick can.
chunk_plan = dg.AssetSpec(
    "chunk_plan",
    description="The chunks that a film needs and that are not stylized yet, as `frames` and "
    "`look` found when they were last made. Each is followed by its chunk in `styled_frames`.",
    deps=["frames", "look"],
    partitions_def=video_chunks,
    group_name="styling",
    kinds={"dagster"},
    owners=["team:styling"],
)
