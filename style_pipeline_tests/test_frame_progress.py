import logging
import time

import pytest

from style_pipeline.frame_progress import FrameProgress


def test_progress_is_counted_in_frames(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with caplog.at_level(logging.INFO):
        progress = FrameProgress(logging.getLogger("run"), "indexing", 100)
        now[0] += 10
        progress.reach(40, 100)
    assert caplog.messages == ["indexing: 40 of 100 frames, 4.0 fps, 15 s left"]
