import sys
from pathlib import Path

import pytest

from style_pipeline.media.sandbox import sandboxed
from style_pipeline_tests.media.fuzz import SOURCES, fuzz

EXAMPLES = 400


@pytest.mark.skipif(sys.platform != "linux", reason="limits are set on Linux only")
def test_a_damaged_video_is_indexed_or_refused_and_nothing_else(tmp_path: Path) -> None:
    """In a process of its own: one that crashes or hangs fails the test and does not end it."""
    for name, make in SOURCES.items():
        (tmp_path / name).mkdir()
        make(tmp_path / name)
    told: list[tuple[int, int]] = []
    indexed, refused = sandboxed(
        fuzz, tmp_path, examples=EXAMPLES, on_progress=lambda *reached: told.append(reached)
    )
    assert indexed + refused >= EXAMPLES
    assert min(indexed, refused) > EXAMPLES / 20
