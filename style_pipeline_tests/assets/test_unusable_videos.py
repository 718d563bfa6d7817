from pathlib import Path

import pytest

from style_pipeline.intake.reports import report_name
from style_pipeline.object_names import Video
from style_pipeline_tests.assets.failing import fails, reported
from style_pipeline_tests.assets.journey import CLIP, Journey


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
def test_a_source_that_is_gone_fails_with_what_to_do(journey: Journey, asset: str) -> None:
    journey.media.delete(CLIP.source)
    place = journey.root / "media" / CLIP.source
    assert fails(journey, asset) == f"{place} does not exist: drop the file there"


def test_a_report_on_a_video_goes_when_its_film_is_delivered(journey: Journey) -> None:
    journey.media.write(report_name(CLIP.source), b"{}")
    journey.make_film()
    assert reported(journey, CLIP) is None
