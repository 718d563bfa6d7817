"""When chunks and films follow by themselves from what is there."""

from typing import Any

import dagster as dg

_When = dg.AutomationCondition

_PLAN = dg.AssetSelection.assets("chunk_plan")
_NOTED = dg.AssetSelection.assets("current_style")

_PLANNED: dg.AutomationCondition[Any] = _When.any_deps_match(_When.newly_updated()).allow(_PLAN)

CHUNK_IS_DUE = (
    _PLANNED.since_last_handled()
    & ~_When.any_deps_missing().ignore(_PLAN)
    # A video that is being read again, or whose look is being decided: its plan may change.
    & ~_When.any_deps_in_progress().ignore(_PLAN)
    & ~_When.in_progress()
).with_label("chunk is due")
"""It was planned since it was last asked for or made. Nothing else starts one: a slot that the
video does not need is never planned."""

# After a new upload no chunk is missing, as the old one's are still there: the film has to wait for
# those that were planned, also for one that failed. This goes before other conditions, since
# Dagster does not keep looking at what comes after one that does not hold.
_CHUNKS_TO_COME = _When.asset_matches("styled_frames", _PLANNED.since(_When.newly_updated()))

# Of what is made again and comes out the same, the film is there already; but one that failed is
# tried again whatever was done about it.
_INPUTS_CHANGED = _When.any_deps_match(_When.data_version_changed()).ignore(_NOTED)
_REPAIRED = (_When.missing() | _When.execution_failed()) & _When.any_deps_match(
    _When.newly_updated()
).ignore(_NOTED)

_REASONS: dg.AutomationCondition[Any] = _When.newly_missing() | _INPUTS_CHANGED | _REPAIRED

FILM_IS_DUE = (
    ~_CHUNKS_TO_COME
    & _REASONS.since_last_handled()
    & ~_When.any_deps_missing().ignore(_NOTED)
    & ~_When.any_deps_in_progress().ignore(_NOTED)
    & ~_When.in_progress()
).with_label("film is due")
"""All that it is made of is there, and is not what the film that is there was made of. One whose
style was trained again is shown as stale, and stylized again only when asked for."""
