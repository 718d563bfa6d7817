from pathlib import Path

import pytest

from style_pipeline.intake.reports import report_name
from style_pipeline.object_names import Video
from style_pipeline_tests.assets.failing import fails, reported
from style_pipeline_tests.assets.journey import CLIP, Journey, make_clip
from style_pipeline_tests.clips import AAC, H264, ffmpeg, tone


@pytest.mark.parametrize("asset", ["audio", "frames"])
def test_a_file_that_is_no_video_fails_with_what_to_do(
    journey: Journey, tmp_path: Path, asset: str
) -> None:
    (tmp_path / "text.mp4").write_bytes(b"this is no video" * 100)
    video = journey.drop(tmp_path / "text.mp4", Video("small/text.mp4"))
    wrong = (
        "text.mp4 cannot be decoded: Invalid data found when processing input: "
        "export it again and drop it again"
    )
    assert fails(journey, asset, video) == wrong
    assert reported(journey, video) == wrong


@pytest.mark.parametrize("asset", ["audio", "frames"])
def test_a_file_without_pictures_fails_with_what_to_do(
    journey: Journey, tmp_path: Path, asset: str
) -> None:
    ffmpeg(*tone(), *AAC, tmp_path / "song.mp4")
    video = journey.drop(tmp_path / "song.mp4", Video("small/song.mp4"))
    wrong = "song.mp4 has no video track: export it again and drop it again"
    assert fails(journey, asset, video) == wrong


def test_a_file_that_ends_in_the_middle_fails(journey: Journey, tmp_path: Path) -> None:
    whole = make_clip(tmp_path / "whole.mp4", *H264, *AAC, "-movflags", "+faststart", frames=50)
    (tmp_path / "half.mp4").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    video = journey.drop(tmp_path / "half.mp4", Video("small/half.mp4"))
    assert fails(journey, "frames", video).endswith(": export it again and drop it again")


@pytest.mark.parametrize("asset", ["audio", "frames"])
def test_a_source_that_is_gone_fails_with_what_to_do(journey: Journey, asset: str) -> None:
    journey.media.delete(CLIP.source)
    place = journey.root / "media" / CLIP.source
    assert fails(journey, asset) == f"{place} does not exist: drop the file there"


def test_a_report_on_a_video_goes_when_its_film_is_delivered(journey: Journey) -> None:
    journey.media.write(report_name(CLIP.source), b"{}")
    journey.make_film()
    assert reported(journey, CLIP) is None
