"""Make the frame index of a video."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa

from style_pipeline.media.chunks import plan_chunks
from style_pipeline.media.cut import WHOLE, Cut
from style_pipeline.media.damage import Damaged
from style_pipeline.media.frame_index import SCHEMA, FrameIndex
from style_pipeline.media.interlacing import Fields
from style_pipeline.media.matroska_damage import holes
from style_pipeline.media.pictures import Picture
from style_pipeline.media.reading import NoTimes, Reading
from style_pipeline.media.source import UnreadableVideo
from style_pipeline.media.video_format import VideoFormat


def index_frames(
    path: Path,
    *,
    upload: str = "",
    max_chunks: int = 1,
    min_frames: int = 1,
    conceal: bool = False,
    deinterlace: bool = True,
    cut: Cut = WHOLE,
    on_frame: Callable[[int, Picture], None] = lambda number, planes: None,
    on_progress: Callable[[int, int], None] = lambda done, promised: None,
) -> FrameIndex:
    """Decode a whole video, index it and plan its chunks (see `plan_chunks`).

    `on_frame` is given every frame's number and picture as coded, `on_progress` how many frames
    were decoded and how many the header promises (0 if it does not). What comes before the first
    picture that is whole and what is cut off at the end, as in recordings of broadcasts, is left
    out. Interlaced pictures are deinterlaced, unless they are not to be; what is `cut` off is not
    looked at. Raises `UnreadableVideo` where anything between cannot be decoded or is not in order,
    where there is too much of it, or where the end is missing; FLV and MPEG-TS do not tell.
    """
    fields = Fields.of(path, deinterlace=deinterlace)
    missing = holes(path)
    counted, damaged = False, bool(missing)
    while True:
        reading = Reading(
            path,
            counted=counted,
            damaged=damaged,
            missing=missing,
            conceal=conceal,
            fields=fields,
            cut=cut,
        )
        try:
            video, left_out = reading.read(on_frame, on_progress)
            break
        except NoTimes as error:
            if counted:
                raise UnreadableVideo(str(error)) from None
            counted = True
        except Damaged:
            damaged = True
    columns = reading.columns
    columns["duration"] = _durations(columns["pts"], columns["duration"], video)
    rows = pa.table(columns, schema=SCHEMA)
    if reading.captions:
        of_frames = [reading.captions.get(pts) for pts in columns["pts"]]
        rows = rows.append_column("captions", pa.array(of_frames, pa.binary()))
    chunks = plan_chunks(rows.num_rows, max_chunks=max_chunks, min_frames=min_frames)
    return FrameIndex(video, rows, tuple(chunks), upload, left_out)


def _durations(pts: list[int], last: list[int], video: VideoFormat) -> list[int | bool]:
    """Each frame lasts until the next one; the last, what its decoder says, or as usual."""
    usual = round(1 / (video.average_rate * video.time_base)) or 1
    return [*np.diff(pts).tolist(), last[-1] or usual]
