"""What an asset does about a file that cannot be styled, and about one that has changed."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from style_pipeline.media.segment import BrokenSegment
from style_pipeline.media.source import UnreadableVideo
from style_pipeline.partitions import Video
from style_pipeline.resources.stores import ObjectNotFound, Superseded
from style_pipeline.resources.stylizer import UnknownStyle


@contextmanager
def clear_failures(context: dg.AssetExecutionContext, video: Video) -> Iterator[None]:
    """Turn what no retry can mend into a failure that says so in one line.

    A source that was uploaded anew meanwhile stops the step quietly: its own run will do the work.
    """
    try:
        yield
    except Superseded:
        context.log.info(f"{video.key} was uploaded again: leaving it to the run for the new file")
    except (UnreadableVideo, UnknownStyle, BrokenSegment, ObjectNotFound) as error:
        raise dg.Failure(f"{video.key}: {error}", allow_retries=False) from error
