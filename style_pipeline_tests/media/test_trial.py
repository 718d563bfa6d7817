from pathlib import Path

import pytest

from style_pipeline.media import film_checks
from style_pipeline.media.indexing import index_frames
from style_pipeline.media.source import UnreadableVideo
from style_pipeline.media.tracks import plan_tracks
from style_pipeline.media.trial import try_film
from style_pipeline_tests.clips import AAC, H264, plain
from style_pipeline_tests.real_files import SOUND


def test_what_would_fail_in_the_end_fails_before_anything_is_painted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = plain("a.mp4", *H264, *AAC, inputs=SOUND)(tmp_path)
    index, plan = index_frames(source), plan_tracks(source)
    try_film(source, index, plan, folder=tmp_path)
    assert list(tmp_path.glob("trial*")) == []
    monkeypatch.setattr(film_checks, "SYNC_TOLERANCE", -1)
    with pytest.raises(UnreadableVideo, match=r"would fail these checks: audio_is_in_sync \(larg"):
        try_film(source, index, plan, folder=tmp_path)
