import errno
import tempfile
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from pipeline_kit.errors import PermanentError, SupersededError, TransientError, UnusableInput
from pipeline_kit.orchestration.failures import RETRIES, clear_failures


class Broken(UnusableInput):
    remedy = "make another"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dg.RetryPolicy, "calculate_delay", lambda policy, attempt: 0)


def outcome(error: BaseException, *, may_stop: bool = True) -> tuple[bool, str, int]:
    """Whether a step that raises the error succeeds, what it says, and how often it is retried."""

    @dg.asset(output_required=False)
    def scores(context: dg.AssetExecutionContext) -> Any:
        with clear_failures(context, "clip", may_stop=may_stop):
            raise error

    result = dg.materialize([scores], raise_on_error=False)
    said = ""
    for event in result.get_step_failure_events():
        data = event.step_failure_data.user_failure_data
        said = data.description or "" if data else ""
    return result.success, said, sum(event.is_step_up_for_retry for event in result.all_events)


def test_what_no_retry_can_fix_fails_at_once_with_what_to_do() -> None:
    assert outcome(Broken("it has no frames")) == (False, "clip: it has no frames: make another", 0)
    assert outcome(PermanentError("there is no style")) == (False, "clip: there is no style", 0)


def test_what_may_be_better_in_a_moment_is_retried_and_then_said_in_one_line() -> None:
    assert outcome(TransientError("no answer")) == (False, "clip: no answer", RETRIES.max_retries)


@pytest.mark.parametrize(
    "error", [Broken("it has *no* frames"), TransientError("no answer"), ValueError("a bug\nhere")]
)
def test_the_page_of_the_partition_says_why_it_failed_for_good(error: Exception) -> None:
    @dg.asset(partitions_def=dg.StaticPartitionsDefinition(["a"]))
    def scores(context: dg.AssetExecutionContext) -> None:
        with clear_failures(context, "clip"):
            raise error

    with dg.DagsterInstance.ephemeral() as instance:
        run = dg.materialize([scores], partition_key="a", instance=instance, raise_on_error=False)
        wanted = dg.AssetRecordsFilter(scores.key, asset_partitions=["a"])
        (record,) = instance.fetch_observations(wanted, limit=9).records
    seen = record.asset_observation
    assert seen
    said = {
        Broken: r"clip: it has \*no\* frames: make another",
        TransientError: "clip: no answer",
        ValueError: "a bug",
    }[type(error)]
    assert seen.description == f"failed: {said}"
    assert seen.metadata["run_id"].value == run.run_id


def test_a_superseded_step_stops_quietly_where_it_may() -> None:
    assert outcome(SupersededError("replaced")) == (True, "", 0)
    success, said, retried = outcome(SupersededError("replaced"), may_stop=False)
    assert not success
    assert said.startswith("clip was uploaded again meanwhile")
    assert retried == 0


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_named_and_tried_again(number: int) -> None:
    success, said, retried = outcome(OSError(number, "full"))
    assert not success
    place = tempfile.gettempdir()
    assert said == f"clip: {place} has no room for scratch files: make some, or set TMPDIR"
    assert retried == RETRIES.max_retries


def test_attempts_are_few_and_each_is_later_than_the_one_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr("dagster._core.definitions.policy.random", lambda: 0.5)
    waits = []
    for number in range(3):
        run, asset_key = SimpleNamespace(run_id="1"), dg.AssetKey("scores")
        context: Any = SimpleNamespace(retry_number=number, run=run, asset_key=asset_key)
        with pytest.raises(dg.RetryRequested) as asked, clear_failures(context, "clip"):
            raise TransientError("no answer")
        assert asked.value.max_retries == 3
        waits.append(asked.value.seconds_to_wait)
    assert waits == [5, 15, 35]
