"""paintings: what people drop to have a style of their own."""

import dagster as dg

from style_pipeline.partitions import styles
from style_pipeline.settings import kind_of_media

paintings = dg.AssetSpec(
    "paintings",
    description="Pictures that people drop into `styles/` of the media store, each named for the "
    "style that it becomes. The sensor `new_styles` notes here which it took, and which it could "
    "not take and why.",
    partitions_def=styles,
    group_name="styles",
    kinds={kind_of_media()},
    owners=["team:styling"],
)
