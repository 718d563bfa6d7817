from pathlib import Path

import pytest

from style_pipeline.media.ffmpeg import open_input, write_copy
from style_pipeline.media.source import UnreadableVideo
from style_pipeline_tests.clips import H264, plain
from style_pipeline_tests.real_files import SOUND


def test_what_ffmpeg_says_first_is_shown_as_the_cause(tmp_path: Path) -> None:
    source = plain("a.mkv", *H264, "-c:a", "wmav2", inputs=SOUND)(tmp_path)
    with pytest.raises(UnreadableVideo) as caught:
        write_copy([open_input(source)["a"]], tmp_path / "a.mp4", of=[source], f="mp4")
    first, *_, last = str(caught.value).split("; ")
    assert "Could not find tag for codec wmav2 in stream #0" in first
    assert "Could not write header" in last
    assert "0x" not in str(caught.value)
