"""What an asset does about what goes wrong: retry, fail for good, or stop quietly."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import gettempdir

import dagster as dg

from style_pipeline.assets.fetch import LookChanged, UnreadableWork
from style_pipeline.look import BadSettings
from style_pipeline.media.ffmpeg import FFmpegInterrupted
from style_pipeline.media.segment import BrokenSegment
from style_pipeline.media.source import UnreadableVideo
from style_pipeline.partitions import Style, Video
from style_pipeline.resources.stores import ObjectNotFound, StoreError, Superseded
from style_pipeline.resources.stylizer import CannotPaint
from style_pipeline.resources.telemetry import span

MEND = "export it again and drop it anew"
"""What to do about a video that cannot be used."""

RETRIES = dg.RetryPolicy(
    max_retries=3, delay=5, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS
)
"""Within one run, of every asset: for storage that fails for a moment."""


@contextmanager
def clear_failures(
    context: dg.AssetExecutionContext, made: Video | Style, *, may_stop: bool = True
) -> Iterator[None]:
    """Turn what goes wrong into a failure that says so in one line, and is retried if that helps.

    A video or painting that was uploaded anew meanwhile stops the step quietly, if it may stop
    without a result: the new file's own run does the work.
    """
    about = {
        "partition": str(context.partition_key),
        "run_id": context.run.run_id,
        "retry": context.retry_number,
    }
    with span(context.asset_key.to_user_string(), about), _retried(context):
        try:
            yield
        except LookChanged as error:
            context.log.info(str(error))
        except Superseded as error:
            message = (
                f"{made.key} was uploaded again meanwhile: the run for the new file replaces it"
            )
            if not may_stop:
                raise dg.Failure(message, allow_retries=False) from error
            context.log.info(message)
        except UnreadableVideo as error:
            raise dg.Failure(f"{made.key}: {error}: {MEND}", allow_retries=False) from error
        except (BadSettings, BrokenSegment, CannotPaint, ObjectNotFound, UnreadableWork) as error:
            raise dg.Failure(f"{made.key}: {error}", allow_retries=False) from error
        except (StoreError, FFmpegInterrupted) as error:
            raise dg.Failure(f"{made.key}: {error}") from error
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            room = "has no room for scratch files: make some, or set TMPDIR"
            raise dg.Failure(f"{made.key}: {gettempdir()} {room}") from error


@contextmanager
def _retried(context: dg.AssetExecutionContext) -> Iterator[None]:
    """Ask for another attempt where one may help.

    An asset's own `retry_policy` would also start again what a signal is to end: a chunk that was
    terminated, or whose node is taken away, would be painted all the same (Dagster issue 15026).
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, dg.DagsterError) or not getattr(error, "allow_retries", True):
            raise
        delay = RETRIES.calculate_delay(context.retry_number + 1)
        raise dg.RetryRequested(RETRIES.max_retries, delay) from error
