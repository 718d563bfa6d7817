import numpy as np
import pytest

from style_pipeline.media.indexing import index_frames
from style_pipeline.media.pictures import Picture
from style_pipeline_tests.clips import CLIPS, CONVERTED
from style_pipeline_tests.media.conftest import Clips


@pytest.mark.parametrize("name", CLIPS | CONVERTED)
def test_every_frame_is_handed_on_in_order_with_its_number(name: str, clip: Clips) -> None:
    seen: list[tuple[int, Picture]] = []
    index = index_frames(clip(name), on_frame=lambda number, planes: seen.append((number, planes)))
    assert [number for number, _ in seen] == list(range(len(index)))
    assert all(planes.dtype == np.uint8 and planes.flags.c_contiguous for _, planes in seen)
    assert index.rows["frame"].to_pylist() == list(range(len(index)))


def test_progress_is_told_with_what_the_header_promises(clip: Clips) -> None:
    told: list[tuple[int, int]] = []
    index_frames(clip("cfr_25"), on_progress=lambda done, promised: told.append((done, promised)))
    assert told == [(done + 1, 24) for done in range(24)]


def test_a_frame_lasts_until_the_next_one(clip: Clips) -> None:
    index = index_frames(clip("vfr_mp4"))
    durations = index.rows["duration"].to_pylist()
    assert durations[:-1] == np.diff(index.pts).tolist()
    assert durations[-1] > 0
    assert index.seconds == sum(durations) * index.video.time_base
