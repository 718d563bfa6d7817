import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from style_pipeline.media import sandbox as module
from style_pipeline.media.ffmpeg import open_input, write_copy
from style_pipeline.media.indexing import index_frames
from style_pipeline.media.limits import restrain
from style_pipeline.media.sandbox import sandboxed
from style_pipeline.media.source import FFmpegInterrupted, UnreadableVideo
from style_pipeline_tests.media import mischief
from style_pipeline_tests.media.conftest import Clips

linux = pytest.mark.skipif(sys.platform != "linux", reason="limits are set on Linux only")
CLIP = Path("clip.mp4")


def test_it_answers_as_the_function_does(clip: Clips) -> None:
    path = clip("vfr_mp4")
    index, expected = (
        run(path, upload="0x1", max_chunks=3)
        for run in (lambda path, **options: sandboxed(index_frames, path, **options), index_frames)
    )
    assert index.rows.equals(expected.rows)
    assert (index.video, index.chunks, index.upload) == (
        expected.video,
        expected.chunks,
        expected.upload,
    )


def test_progress_comes_up_to_the_end(clip: Clips) -> None:
    told: list[tuple[int, int]] = []
    sandboxed(index_frames, clip("cfr_25"), on_progress=lambda *reached: told.append(reached))
    assert told[-1] == (24, 24)


def test_a_refusal_reads_as_it_was_raised(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no video")
    with pytest.raises(UnreadableVideo, match=r"^a.mp4 cannot be decoded: Invalid data"):
        sandboxed(index_frames, tmp_path / "a.mp4")


def test_a_mistake_of_ours_shows_where_it_was_made() -> None:
    with pytest.raises(RuntimeError, match=r"^a mistake") as caught:
        sandboxed(mischief.fail, CLIP)
    assert "in fail" in "".join(caught.value.__notes__)


@pytest.mark.parametrize(
    ("does", "reason"),
    [
        (mischief.crash, r"crashes its decoder \(SIGSEGV\)"),
        pytest.param(mischief.hoard, "needs more than 8 GiB of memory", marks=linux),
        pytest.param(mischief.spin, r"crashes its decoder \(SIGXCPU\)", marks=linux),
    ],
)
def test_a_video_that_crashes_its_decoder_or_takes_too_much_is_refused(
    does: Callable[[Path], None], reason: str
) -> None:
    with pytest.raises(UnreadableVideo, match=f"^clip.mp4 {reason}$"):
        sandboxed(does, CLIP)


def test_a_process_that_someone_kills_is_no_fault_of_the_video() -> None:
    with pytest.raises(FFmpegInterrupted, match=r"decoding clip.mp4 was ended from outside"):
        sandboxed(mischief.killed, CLIP)


@linux
def test_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="File too large"):
        sandboxed(mischief.write_a_lot, tmp_path / "written")
    assert (tmp_path / "written").stat().st_size == 0


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ("STALL_SECONDS", r"^clip.mp4 was decoded for 1 s without another frame$"),
        ("WALL_SECONDS", r"^clip.mp4 takes more than 0 h to decode: cut it into parts$"),
    ],
)
def test_a_video_that_hangs_is_refused_and_its_process_ended(
    limit: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, limit, 1)
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def remembered(*arguments: object, **options: object) -> subprocess.Popen[bytes]:
        started.append(popen(*arguments, **options))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", remembered)
    with pytest.raises(UnreadableVideo, match=reason):
        sandboxed(mischief.hang, CLIP)
    assert [process.returncode for process in started] == [-signal.SIGKILL]


def test_the_process_is_told_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYLE_PIPELINE_MEDIA_SAS_TOKEN", "sig=SECRET")
    assert "SECRET" not in str(sandboxed(mischief.secrets, CLIP))


@linux
def test_ffmpeg_cannot_fill_the_disk(
    clip: Clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(process: int, **limits: int) -> None:
        time.sleep(0.5)  # in which ffmpeg would have copied all of it
        restrain(process, **limits)

    monkeypatch.setattr("style_pipeline.media.ffmpeg.restrain", late)
    monkeypatch.setattr("style_pipeline.media.ffmpeg._HEADERS", -2 * clip("cfr_25").stat().st_size)
    with pytest.raises(UnreadableVideo, match=r"could not write out.mkv"):
        write_copy([open_input(clip("cfr_25"))["v"]], tmp_path / "out.mkv", of=[clip("cfr_25")])
    assert (tmp_path / "out.mkv").stat().st_size == 0


def test_ffmpeg_is_not_waited_for_without_end(
    clip: Clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = tmp_path / "ffmpeg"
    hanging.write_text("#!/bin/sh\nexec sleep 600\n")
    hanging.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(hanging))
    monkeypatch.setattr("style_pipeline.media.ffmpeg.TIMEOUT_SECONDS", 1)
    with pytest.raises(FFmpegInterrupted, match=r"ffmpeg was still writing out.mkv after 1 s"):
        write_copy([open_input(clip("cfr_25"))["v"]], tmp_path / "out.mkv", of=[clip("cfr_25")])
