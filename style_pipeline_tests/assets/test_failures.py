import errno
import importlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow.parquet as pq
import pytest

from style_pipeline.assets.failures import RETRIES
from style_pipeline.assets.styled_video import SEGMENTS_CHECK
from style_pipeline.intake.reports import report_name
from style_pipeline.media.source import UnreadableVideo
from style_pipeline.partitions import UPLOAD_TAG, Video
from style_pipeline.resources.stores import ObjectNotFound, Store, StoreError
from style_pipeline.styles import shipped_styles
from style_pipeline_tests.assets.journey import (
    ASSETS,
    CLIP,
    Journey,
    checks,
    failure,
    make_clip,
    retries,
    said,
)
from style_pipeline_tests.clips import AAC, H264, ffmpeg, tone


def fails(journey: Journey, asset: str, video: Video = CLIP, *, slot: int | None = None) -> str:
    """What a person reads after a failure that is final at once and leaves nothing behind."""
    before = journey.contents()
    result = journey.run(asset, video, slot=slot)
    line = failure(result)
    assert line.startswith(f"{video.key}: ")
    assert "\n" not in line
    assert retries(result) == 0
    assert not result.get_asset_materialization_events()
    after = journey.contents()
    told = after.pop(f"media/{report_name(video.source)}", None)
    assert after == before
    assert list(journey.scratch.iterdir()) == []
    reason = line.removeprefix(f"{video.key}: ")
    assert told is None or json.loads(told)["reason"] == reason
    return reason


def reported(journey: Journey, video: Video) -> str | None:
    """The reason that the person reads who dropped the video, where there is a report."""
    try:
        told = json.loads(journey.media.read(report_name(video.source)))
    except ObjectNotFound:
        return None
    assert told["file"] == video.source
    assert datetime.fromisoformat(told["time"]) <= datetime.now(UTC)
    return str(told["reason"])


@pytest.mark.parametrize("asset", ["audio", "frames"])
def test_a_file_that_is_no_video_fails_with_what_to_do(
    journey: Journey, tmp_path: Path, asset: str
) -> None:
    (tmp_path / "text.mp4").write_bytes(b"this is no video" * 100)
    video = journey.drop(tmp_path / "text.mp4", Video("small/text.mp4"))
    wrong = (
        "text.mp4 cannot be decoded: Invalid data found when processing input: "
        "export it again and drop it anew"
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
    wrong = "song.mp4 has no video track: export it again and drop it anew"
    assert fails(journey, asset, video) == wrong


@pytest.mark.parametrize("asset", ["audio", "frames"])
def test_a_file_that_ends_in_the_middle_fails(journey: Journey, tmp_path: Path, asset: str) -> None:
    whole = make_clip(tmp_path / "whole.mp4", *H264, *AAC, "-movflags", "+faststart", frames=50)
    (tmp_path / "half.mp4").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    video = journey.drop(tmp_path / "half.mp4", Video("small/half.mp4"))
    assert fails(journey, asset, video).endswith(": export it again and drop it anew")


@pytest.mark.parametrize("asset", ["audio", "frames"])
def test_a_source_that_is_gone_fails_with_what_to_do(journey: Journey, asset: str) -> None:
    journey.media.delete(CLIP.source)
    place = journey.root / "media" / CLIP.source
    assert fails(journey, asset) == f"{place} does not exist: drop the file there"


@pytest.mark.parametrize(("asset", "slot"), [("styled_frames", 0), ("styled_video", None)])
def test_what_needs_the_index_says_how_to_make_it(
    journey: Journey, asset: str, slot: int | None
) -> None:
    index = journey.root / "ops" / CLIP.index
    assert fails(journey, asset, slot=slot) == (
        f"{index} does not exist: materialize frames of this video first"
    )


@pytest.mark.parametrize("damage", [b"", b"PAR1 no index PAR1"])
@pytest.mark.parametrize(("asset", "slot"), [("styled_frames", 0), ("styled_video", None)])
def test_an_index_that_cannot_be_read_is_to_be_made_again(
    journey: Journey, asset: str, slot: int | None, damage: bytes
) -> None:
    journey.make_ready()
    index = journey.root / "ops" / CLIP.index
    index.write_bytes(damage)
    assert fails(journey, asset, slot=slot) == (
        f"{index} is damaged or of another version: materialize frames of this video again"
    )


def test_an_index_of_another_version_is_to_be_made_again(journey: Journey) -> None:
    journey.make_ready()
    index = journey.root / "ops" / CLIP.index
    rows = pq.read_table(index)
    pq.write_table(rows.replace_schema_metadata({"video": "{}", "chunks": "[]"}), index)
    assert "is damaged or of another version" in fails(journey, "styled_frames", slot=0)


@pytest.mark.parametrize("kept", [0, 100, 4000])
def test_a_damaged_segment_is_to_be_painted_again(finished: Journey, kept: int) -> None:
    before = finished.contents()
    segment = finished.root / "ops" / CLIP.segment(0)
    segment.write_bytes(segment.read_bytes()[:kept])
    result = finished.run("styled_video")
    assert checks(result) == {SEGMENTS_CHECK: False}
    assert failure(result).startswith("small/clip.mp4: segment 000.mp4 ")
    assert failure(result).endswith(": backfill this chunk")
    assert "\n" not in failure(result)
    finished.make("styled_frames", slot=0)
    finished.make("styled_video")
    assert finished.contents() == before


def test_a_film_without_its_sound_says_how_to_make_it(finished: Journey) -> None:
    finished.ops.delete(CLIP.audio("m4a"))
    sound = finished.root / "ops" / CLIP.audio("m4a")
    before = finished.contents()
    assert failure(finished.run("styled_video")) == (
        f"small/clip.mp4: {sound} does not exist: materialize audio of this video first"
    )
    assert finished.contents() == before


def test_an_unknown_style_names_those_that_there_are(journey: Journey, clip: Path) -> None:
    video = journey.drop(clip, Video("cubism/clip.mp4"))
    journey.make("frames", video)
    known = ", ".join(sorted(["small", *shipped_styles()]))
    wrong = f"there is no trained style 'cubism': there are {known}"
    assert fails(journey, "look", video) == wrong


def test_a_damaged_network_is_named(journey: Journey) -> None:
    journey.make_ready()
    (network,) = (journey.root / "ops/models/small").glob("*.safetensors")
    network.write_bytes(network.read_bytes()[:1000])
    line = fails(journey, "styled_frames", slot=0)
    wrong = f"the network of style 'small' cannot be used: {network.name}: "
    assert line.startswith(wrong)


def test_a_network_that_is_gone_says_what_to_do(journey: Journey) -> None:
    journey.make_ready()
    (network,) = (journey.root / "ops/models/small").glob("*.safetensors")
    network.unlink()
    assert fails(journey, "styled_frames", slot=0) == (
        f"network {network.stem[:12]} of style 'small' is gone: {network} does not exist: "
        "materialize look of this video again"
    )


def test_a_network_under_another_one_s_name_is_refused(journey: Journey) -> None:
    journey.make_ready()
    (network,) = (journey.root / "ops/models/small").glob("*.safetensors")
    other = journey.add_style("small", seed=2)
    network.write_bytes(network.with_stem(other).read_bytes())
    assert fails(journey, "styled_frames", slot=0) == (
        f"the network of style 'small' is {other[:12]} and not {network.stem[:12]}: "
        "train the style again"
    )


@pytest.mark.parametrize(("asset", "slot"), [("styled_frames", 0), ("styled_video", None)])
def test_what_needs_the_look_says_how_to_make_it(
    journey: Journey, asset: str, slot: int | None
) -> None:
    journey.make("frames")
    look = journey.root / "ops" / CLIP.look
    assert fails(journey, asset, slot=slot) == (
        f"{look} does not exist: materialize look of this video first"
    )


@pytest.mark.parametrize("damage", [b"", b"{}", b"[1]"])
@pytest.mark.parametrize(("asset", "slot"), [("styled_frames", 0), ("styled_video", None)])
def test_a_look_that_cannot_be_read_is_to_be_made_again(
    journey: Journey, asset: str, slot: int | None, damage: bytes
) -> None:
    journey.make_ready()
    look = journey.root / "ops" / CLIP.look
    look.write_bytes(damage)
    assert fails(journey, asset, slot=slot) == (
        f"{look} is damaged or of another version: materialize look of this video again"
    )


@pytest.mark.parametrize("asset", ["audio", "frames"])
def test_a_source_replaced_while_it_is_read_stops_quietly(
    journey: Journey, monkeypatch: pytest.MonkeyPatch, clip: Path, asset: str
) -> None:
    parts = Store._parts

    def replaced_meanwhile(store: Store, wanted: Any) -> Any:
        yield from parts(store, wanted)
        journey.drop(clip)

    monkeypatch.setattr(Store, "_parts", replaced_meanwhile)
    result = journey.run(asset)
    assert result.success
    assert not result.get_asset_materialization_events()
    assert "small/clip.mp4 was uploaded again meanwhile" in "\n".join(said(journey, result))
    assert not [name for name in journey.contents() if name.startswith("ops/work/")]
    assert list(journey.scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("asset", "last_work", "slot"),
    [
        ("audio", "extract_audio", None),
        ("frames", "write_index", None),
        ("styled_frames", "write_segment", 0),
        ("styled_video", "mux_film", None),
    ],
)
def test_a_source_replaced_while_it_is_worked_on_publishes_nothing(
    finished: Journey,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    asset: str,
    last_work: str,
    slot: int | None,
) -> None:
    module = importlib.import_module(f"style_pipeline.assets.{asset}")
    work = getattr(module, last_work)
    other = make_clip(tmp_path / "other.mp4", pitch=880)

    def replaced_meanwhile(*arguments: Any, **options: Any) -> Any:
        finished.drop(other)
        return work(*arguments, **options)

    monkeypatch.setattr(module, last_work, replaced_meanwhile)
    before = finished.contents() | {f"media/{CLIP.source}": other.read_bytes()}
    result = finished.run(asset, slot=slot)
    assert result.success == (asset != "styled_video")
    assert not result.get_asset_materialization_events()
    assert finished.contents() == before


@pytest.mark.parametrize("asset", ["audio", "frames"])
def test_a_run_for_an_upload_that_is_gone_leaves_it_to_the_new_one_s_run(
    journey: Journey, asset: str
) -> None:
    result = journey.run(asset, tags={UPLOAD_TAG: "the-one-before"})
    assert result.success
    assert not result.get_asset_materialization_events()


def test_an_ffmpeg_that_is_killed_is_no_fault_of_the_video(
    journey: Journey, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    killed = tmp_path / "ffmpeg"
    killed.write_text("#!/bin/sh\nkill -9 $$\n")
    killed.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(killed))
    result = journey.run("audio")
    assert failure(result) == (
        "small/clip.mp4: ffmpeg could not write audio.m4a (exit -9): no message"
    )
    assert retries(result) == RETRIES.max_retries


def failing(times: int, work: Callable[..., Any]) -> Callable[..., Any]:
    """Storage that fails so many times before it works."""
    left = iter(range(times))

    def attempt(*arguments: Any, **options: Any) -> Any:
        if next(left, None) is not None:
            raise StoreError("cannot reach the store: connection reset")
        return work(*arguments, **options)

    return attempt


@pytest.mark.parametrize("method", ["download", "upload"])
@pytest.mark.parametrize("asset", ["audio", "frames", "styled_frames", "styled_video"])
def test_storage_that_fails_for_a_moment_is_tried_again(
    finished: Journey, monkeypatch: pytest.MonkeyPatch, asset: str, method: str
) -> None:
    before = finished.contents()
    monkeypatch.setattr(Store, method, failing(2, getattr(Store, method)))
    result = finished.run(asset, slot=1 if asset == "styled_frames" else None)
    assert result.success
    assert retries(result) == 2
    assert finished.contents() == before
    assert list(finished.scratch.iterdir()) == []


def test_storage_that_stays_away_fails_after_some_tries_with_one_line(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = journey.contents()
    monkeypatch.setattr(Store, "upload", failing(99, Store.upload))
    result = journey.run("frames")
    assert failure(result) == "small/clip.mp4: cannot reach the store: connection reset"
    assert retries(result) == RETRIES.max_retries
    assert journey.contents() == before
    assert list(journey.scratch.iterdir()) == []


def test_a_full_scratch_disk_is_told_and_tried_again(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = journey.contents()
    monkeypatch.setattr("style_pipeline.assets.frames.write_index", full)
    result = journey.run("frames")
    assert failure(result) == (
        f"small/clip.mp4: {journey.scratch} has no room for scratch files: make some, or set TMPDIR"
    )
    assert retries(result) == RETRIES.max_retries
    assert journey.contents() == before


@pytest.mark.parametrize("asset", ASSETS, ids=lambda asset: asset.key.path[-1])
def test_every_asset_is_retried_a_few_times_ever_later(asset: dg.AssetsDefinition) -> None:
    assert asset.op.retry_policy == RETRIES
    assert 1 <= RETRIES.max_retries <= 5
    assert (RETRIES.delay or 0) >= 1
    assert RETRIES.backoff is dg.Backoff.EXPONENTIAL
    assert RETRIES.jitter is not None
