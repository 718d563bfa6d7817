"""A pipeline of sensors on plain folders, whose hours are those of three days in 2026."""

import os

# Before anything imports the partitions, which are what these say when they are imported.
os.environ.setdefault("SENSOR_PIPELINE_FIRST_DAY", "2026-03-01")
os.environ.setdefault("SENSOR_PIPELINE_LAST_DAY", "2026-03-03")
os.environ.setdefault("SENSOR_PIPELINE_SHARDS", "2")
