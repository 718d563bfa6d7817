import pytest
from hypothesis import given
from hypothesis import strategies as st

from style_pipeline.media.chunks import plan_chunks


@given(st.integers(1, 100_000), st.integers(1, 256), st.integers(1, 2_000))
def test_every_frame_belongs_to_exactly_one_chunk_and_the_work_is_even(
    frame_count: int, max_chunks: int, min_frames: int
) -> None:
    plan = plan_chunks(frame_count, max_chunks=max_chunks, min_frames=min_frames)
    assert len(plan) == max_chunks
    assert [frame for chunk in plan for frame in chunk] == list(range(frame_count))
    used = [len(chunk) for chunk in plan if chunk]
    assert max(used) - min(used) <= 1
    assert len(used) == 1 or min(used) >= min_frames
    assert all(plan[: len(used)])


@pytest.mark.parametrize(("frames", "slots", "least"), [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_a_plan_for_nothing_is_refused(frames: int, slots: int, least: int) -> None:
    with pytest.raises(ValueError, match="must all be > 0"):
        plan_chunks(frames, max_chunks=slots, min_frames=least)
