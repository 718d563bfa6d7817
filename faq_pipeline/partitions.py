"""What the assets have in common: a partition for each dropped file."""

from collections.abc import Iterator
from typing import Final

import dagster as dg

from faq_pipeline.settings import load_settings

SETTINGS: Final = load_settings()
UPLOAD_TAG: Final = "faq/upload"
"""Tag of a run: the ETag of the file that it was started for."""

faq_files = dg.DynamicPartitionsDefinition(name="faqs")
Made = Iterator[dg.MaterializeResult[None]]
