from pathlib import Path

import numpy as np
import pytest

from style_pipeline.media.content_frames import content_frames
from style_pipeline.media.source import UnreadableVideo
from style_pipeline_tests.clips import H264, ffmpeg, moving


def clip(path: Path, *options: str, frames: int = 60) -> Path:
    ffmpeg(*moving(frames=frames), *(options or H264), path)
    return path


def test_frames_are_spread_over_the_video(tmp_path: Path) -> None:
    images = content_frames(clip(tmp_path / "a.mp4"), 4, longest=1000)
    assert len(images) == 4
    assert len({image.tobytes() for image in images}) == 4
    assert len({image.size for image in images}) == 1


def test_frames_are_reduced(tmp_path: Path) -> None:
    (image,) = content_frames(clip(tmp_path / "a.mp4"), 1, longest=32)
    assert max(image.size) == 32


def test_a_short_video_gives_each_frame_once(tmp_path: Path) -> None:
    images = content_frames(clip(tmp_path / "a.mp4", frames=3), 10, longest=1000)
    assert 1 <= len(images) <= 3


@pytest.mark.parametrize("name", ["a.gif", "a.ts", "a.mkv", "a.avi"])
def test_every_container_gives_some(tmp_path: Path, name: str) -> None:
    options = {"a.gif": ("-f", "gif"), "a.avi": ("-c:v", "mpeg4")}.get(name, ())
    images = content_frames(clip(tmp_path / name, *options), 4, longest=1000)
    assert len(images) >= 2
    assert all(np.asarray(image).std() > 1 for image in images)


def test_what_is_no_video_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_bytes(b"no video" * 100)
    with pytest.raises(UnreadableVideo, match=r"text\.mp4 cannot be decoded"):
        content_frames(tmp_path / "text.mp4", 4, longest=1000)
