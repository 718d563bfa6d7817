import importlib
from pathlib import Path

import pytest

from pipeline_kit.storage.store import Store
from style_pipeline.intake.reports import report_name
from style_pipeline.media.source import UnreadableVideo
from style_pipeline.object_names import Video
from style_pipeline_tests.assets.failing import failing, fails, reported
from style_pipeline_tests.assets.journey import CLIP, Journey, failure, make_clip
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


def test_a_report_on_a_video_goes_when_its_film_is_delivered(journey: Journey) -> None:
    journey.media.write(report_name(CLIP.source), b"{}")
    journey.make_film()
    assert reported(journey, CLIP) is None


@pytest.mark.parametrize("again", [True, False])
def test_nothing_is_reported_on_a_file_that_was_replaced_or_is_gone(
    journey: Journey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, again: bool
) -> None:
    (tmp_path / "text.mp4").write_bytes(b"this is no video" * 100)
    video = journey.drop(tmp_path / "text.mp4", Video("small/text.mp4"))

    def replaced_meanwhile(path: Path, **_: object) -> None:
        journey.media.delete(video.source)
        if again:
            journey.drop(tmp_path / "text.mp4", video)
        raise UnreadableVideo("it is no video")

    frames = importlib.import_module("style_pipeline.assets.frames")
    monkeypatch.setattr(frames, "index_frames", replaced_meanwhile)
    assert "it is no video" in failure(journey.run("frames", video))
    assert reported(journey, video) is None


def test_a_report_that_cannot_be_written_hides_no_reason(
    journey: Journey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "text.mp4").write_bytes(b"this is no video" * 100)
    video = journey.drop(tmp_path / "text.mp4", Video("small/text.mp4"))
    monkeypatch.setattr(Store, "write", failing(99, Store.write))
    assert "text.mp4 cannot be decoded" in fails(journey, "frames", video)


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
