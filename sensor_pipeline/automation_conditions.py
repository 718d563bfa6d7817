"""When scores and anomalies follow by themselves: of any hour, not of the latest alone."""

from typing import Any

import dagster as dg

_When = dg.AutomationCondition
_DETECTORS = dg.AssetSelection.assets("detectors")

_READ: dg.AutomationCondition[Any] = _When.any_deps_match(_When.newly_updated()).ignore(_DETECTORS)

SHARD_IS_DUE = (
    _READ.since_last_handled()
    & ~_When.any_deps_missing().ignore(_DETECTORS)
    & ~_When.any_deps_in_progress().ignore(_DETECTORS)
    & ~_When.in_progress()
).with_label("shard is due")
"""Its hour was read since it was last asked for or scored. Detectors that were fitted again are for
the hours to come."""

# What is recorded without a run, as for hours that were scored for fewer shards, is nothing new.
_SCORED: dg.AutomationCondition[Any] = _When.any_deps_match(
    _When.newly_updated() & _When.any_new_update_has_run_tags(tag_keys={"dagster/partition/shard"})
)

HOUR_IS_DUE = (
    _SCORED.since_last_handled() & ~_When.any_deps_in_progress() & ~_When.in_progress()
).with_label("hour is due")
"""Shards of it were scored, and no other is being scored. A shard that failed holds up nobody:
when it is scored later, the hour follows again."""
