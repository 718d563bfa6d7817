"""Sensors that tell people what came of runs, and of other sensors."""

import json
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

import dagster as dg
from dagster import DagsterRunStatus

from pipeline_kit.orchestration.dagster_private import PARTITION_NAME_TAG, WILL_RETRY_TAG
from pipeline_kit.orchestration.failures import REFUSED
from pipeline_kit.orchestration.ledger import WAITS
from pipeline_kit.orchestration.notifications import Notice, Notifier

REFUSALS_A_TICK: Final = 100
SLOW: Final = 4.0
"""Seconds of a notice after which the same tick tells of nothing else. Dagster gives a tick up to
five runs and 60 seconds, of which the last notice may take 40."""

Told = Callable[[str, Mapping[str, Any]], Notice | None]
"""From the partition and the metadata of an asset that a run made to what is told of it."""


def told_when_made(
    notifier: Callable[[], Notifier], told: Mapping[str, Told]
) -> dg.SensorDefinition:
    """A sensor that tells of the runs that ended well, by the assets that they made.

    Automation's runs have no job of their own, so that hooks would not fire for them.
    """

    @dg.run_status_sensor(
        run_status=DagsterRunStatus.SUCCESS,
        name="tell_what_is_done",
        minimum_interval_seconds=5,  # a tick is of five runs at most, and a film has twenty
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells people what was made, where a webhook or mail is set.",
    )
    def sensor(context: dg.RunStatusSensorContext) -> dg.SkipReason | None:
        sender = notifier()
        if not sender:
            return None  # see `_send`
        run = context.dagster_run
        made = context.instance.all_logs(
            run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION
        )
        for event in made:
            record = event.asset_materialization
            if record is None or record.asset_key.to_user_string() not in told:
                continue
            metadata = {name: value.value for name, value in record.metadata.items()}
            notice = told[record.asset_key.to_user_string()](record.partition or "", metadata)
            if notice and (skipped := _send(context, sender, notice)):
                return skipped
        return None

    return sensor


def told_when_failed(notifier: Callable[[], Notifier]) -> dg.SensorDefinition:
    """A sensor that tells of runs that failed for good, with the line that says why."""

    @dg.run_failure_sensor(
        name="tell_what_failed",
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells people which runs failed and are not tried again.",
    )
    def sensor(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
        sender, run = notifier(), context.dagster_run
        if not sender or run.tags.get(WILL_RETRY_TAG) == "true":
            return None  # see `_send`
        failed = context.get_step_failure_events()
        names = [event.step_key for event in failed if event.step_key]
        names = names or sorted(key.to_user_string() for key in run.asset_selection or ())
        what = ", ".join(names) or run.job_name
        about = " ".join(filter(None, (what, run.tags.get(PARTITION_NAME_TAG))))
        failures = [event.step_failure_data for event in failed]
        given = [failure.user_failure_data for failure in failures]
        reasons = [
            (said.description if said else "") or (failure.error.message if failure.error else "")
            for said, failure in zip(given, failures, strict=True)
        ]
        refused = any(said and REFUSED in said.metadata for said in given)
        return _send(
            context,
            sender,
            Notice(
                kind="refused" if refused else "failed",
                title=f"{about} {'cannot be used' if refused else 'failed'}",
                text="\n".join(reasons).strip() or context.failure_event.message or "",
                facts={"run": run.run_id},
            ),
        )

    return sensor


def told_when_a_sensor_breaks(notifier: Callable[[], Notifier]) -> dg.SensorDefinition:
    """A sensor that tells of sensors and schedules whose latest tick failed, once each time."""

    @dg.sensor(
        name="tell_what_broke",
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells people which sensors and schedules do not work any more.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        sender = notifier()
        if not sender:
            return dg.SkipReason("neither a webhook nor mail is set")
        known = set(json.loads(context.cursor or "[]"))
        broken: dict[str, str] = {}
        for state in context.instance.all_instigator_state():
            # Each code location tells of its own.
            if _is_of_another(state, context):
                continue
            ticks = context.instance.get_ticks(
                state.instigator_origin_id, state.selector_id, limit=1
            )
            if ticks and ticks[0].status.value == "FAILURE":
                error = ticks[0].error
                broken[state.instigator_name] = error.message.strip() if error else ""
        told = known & set(broken)
        for name in sorted(set(broken) - known):
            told.add(name)
            notice = Notice(kind="broken", title=f"{name} broke", text=broken[name])
            if _send(context, sender, notice):
                break
        context.update_cursor(json.dumps(sorted(told)))
        return dg.SkipReason(f"broken: {', '.join(sorted(broken)) or 'none'}")

    return sensor


def told_when_refused(
    notifier: Callable[[], Notifier], assets: Collection[str]
) -> dg.SensorDefinition:
    """A sensor that tells of dropped files that were not taken, which an `Inbox` records on those
    assets: no run fails of them. One notice tells of all that came since the previous tick."""

    @dg.sensor(
        name="tell_what_was_refused",
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells people which dropped files were not taken, and why.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        sender = notifier()
        if not sender:
            return dg.SkipReason("neither a webhook nor mail is set")
        seen: dict[str, int] = json.loads(context.cursor or "{}")
        said: dict[str, str] = {}
        for asset in assets:
            begins = asset not in seen
            wanted = dg.AssetRecordsFilter(
                dg.AssetKey(asset), after_storage_id=seen.get(asset, 0) or None
            )
            records = context.instance.fetch_observations(
                wanted, limit=1 if begins else REFUSALS_A_TICK, ascending=not begins
            ).records
            seen[asset] = max([seen.get(asset, 0), *(record.storage_id for record in records)])
            for record in () if begins else records:
                metadata = record.asset_observation.metadata if record.asset_observation else {}
                if "file" in metadata and "reason" in metadata:
                    said[str(metadata["file"].value)] = str(metadata["reason"].value)
        refused = {name: reason for name, reason in said.items() if not reason.startswith(WAITS)}
        if refused:
            title = next(iter(refused)) if len(refused) == 1 else f"{len(refused)} files"
            _send(
                context,
                sender,
                Notice(
                    kind="refused",
                    title=f"{title} cannot be used",
                    text="\n".join(f"{name}: {reason}" for name, reason in refused.items()),
                    facts={"files": len(refused)},
                ),
            )
        context.update_cursor(json.dumps(seen))
        return dg.SkipReason(f"not taken: {len(refused)}")

    return sensor


def _is_of_another(state: Any, context: dg.SensorEvaluationContext) -> bool:
    """Whether a sensor or schedule belongs to another code location."""
    own = context.code_location_origin
    of_state = state.origin.repository_origin.code_location_origin
    return own is not None and of_state.location_name != own.location_name


def _send(
    context: dg.RunStatusSensorContext | dg.RunFailureSensorContext | dg.SensorEvaluationContext,
    sender: Notifier,
    notice: Notice,
) -> dg.SkipReason | None:
    """What ends the tick where somebody did not take the notice, or was slow to.

    Another notice would wait for that answer, too, and a tick that takes longer than a minute is
    repeated by Dagster, with all that it told already. Nothing else ends one of a run's sensor:
    after any reason to skip Dagster takes no other run in that tick, and the cursor falls behind.
    """
    started = time.monotonic()
    problems = sender.send(notice)
    for problem in problems:
        context.log.warning(problem)
    if problems:
        return dg.SkipReason("; ".join(problems))
    seconds = time.monotonic() - started
    return dg.SkipReason(f"told in {seconds:.0f} s: {notice.title}") if seconds > SLOW else None
