"""What an asset does about what goes wrong: retry, fail for good, or stop quietly."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import gettempdir

import dagster as dg

from pipeline_kit.errors import PermanentError, SupersededError, TransientError, UnusableInput
from pipeline_kit.orchestration.metadata import as_text
from pipeline_kit.orchestration.telemetry import span

RETRIES = dg.RetryPolicy(
    max_retries=3, delay=5, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS
)
"""Within one run, of every asset: for storage that fails for a moment."""


REFUSED = "refused"
"""Metadata of failures that are the input's fault."""


@contextmanager
def clear_failures(
    context: dg.AssetExecutionContext, key: str, *, may_stop: bool = True
) -> Iterator[None]:
    """Turn what goes wrong into a failure that says so in one line, and is retried if that helps.

    `key` is what people call the partition. An input that was replaced meanwhile stops the step
    quietly, if it may stop without a result: the new version's own run does the work.
    """
    about = {"partition": key, "run_id": context.run.run_id, "retry": context.retry_number}
    with span(context.asset_key.to_user_string(), about), _retried(context):
        try:
            yield
        except SupersededError as error:
            replaced = f"{key} was uploaded again meanwhile: the run for the new file replaces it"
            message = str(error) if error.speaks else replaced
            if not may_stop:
                raise dg.Failure(message, allow_retries=False) from error
            context.log.info(message)
        except PermanentError as error:
            raise dg.Failure(
                f"{key}: {error.advice()}",
                metadata={REFUSED: True} if isinstance(error, UnusableInput) else None,
                allow_retries=False,
            ) from error
        except TransientError as error:
            raise dg.Failure(f"{key}: {error}") from error
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            room = "has no room for scratch files: make some, or set TMPDIR"
            raise dg.Failure(f"{key}: {gettempdir()} {room}") from error


@contextmanager
def _retried(context: dg.AssetExecutionContext) -> Iterator[None]:
    """Ask for another attempt where one may help.

    An asset's own `retry_policy` would also start again what a signal is to end: work that was
    terminated, or whose node is taken away, would be processed all the same (Dagster issue 15026).
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, dg.DagsterError):
            raise
        may_retry = getattr(error, "allow_retries", True)
        if not may_retry or context.retry_number >= RETRIES.max_retries:
            _tell_why(context, error)
        if not may_retry:
            raise
        delay = RETRIES.calculate_delay(context.retry_number + 1)
        raise dg.RetryRequested(RETRIES.max_retries, delay) from error


def _tell_why(context: dg.AssetExecutionContext, error: Exception) -> None:
    """Among the events of the asset and the partition, and beside what was made before, as Dagster
    shows observations: the error itself is in the run's log."""
    said = str(getattr(error, "description", None) or error).strip() or type(error).__name__
    context.log_event(
        dg.AssetObservation(
            context.asset_key,
            partition=context.partition_key if context.has_partition_key else None,
            description=f"failed: {as_text(said.splitlines()[0])}",
            metadata={"failed": said, "run_id": context.run.run_id},
        )
    )


def warning(check: str, passed: bool, found: str) -> dg.AssetCheckResult:
    """The outcome of a check that only warns where it did not pass."""
    return dg.AssetCheckResult(
        check_name=check, passed=passed, severity=dg.AssetCheckSeverity.WARN, description=found
    )
