"""Files that nobody should drop, dropped beside a good one, through the real daemon."""

import json
import re
import socket
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from pipeline_kit_tests.waiting import wait_for
from style_pipeline.intake.names import video_key
from style_pipeline.intake.paintings import style_key
from style_pipeline_tests.cli.shell import run as style_pipeline
from style_pipeline_tests.clips import make_clip
from style_pipeline_tests.dagster_dev import Run, running
from style_pipeline_tests.following import FINISHED, outcomes
from style_pipeline_tests.hostile import DISGUISED, NAMES, NO_VIDEO, REFUSED, UNKNOWN
from style_pipeline_tests.hostile_files import png_header
from style_pipeline_tests.watching import bytes_in, most, openings, readers_peak

GOOD = "videos/brushwork/good.mp4"
BOMB = "styles/bomb.png"
"""A painting, of 900 megapixels."""


@pytest.mark.skipif(sys.platform != "linux", reason="sees by inotify and /proc what is taken")
@pytest.mark.timeout(1900)  # on a crowded machine
@pytest.mark.parametrize(
    "kinds",
    [
        pytest.param(["hls"], id="names", marks=pytest.mark.nightly),
        pytest.param([*DISGUISED, *REFUSED, BOMB], id="all", marks=pytest.mark.chaos),
    ],
)
def test_a_good_video_is_delivered_among_files_that_nobody_should_drop(
    kinds: list[str], tmp_path: Path
) -> None:
    folder, scratch = tmp_path / "dev", tmp_path / "scratch"
    scratch.mkdir()
    (tmp_path / "secret").mkdir()
    secret = make_clip(tmp_path / "secret/film.mp4", frames=3)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        expected = _drop(kinds, folder / "media", secret, url)
        assert len(expected) > (60 if BOMB in kinds else len(NAMES))
        (folder / "media/videos/brushwork/link.mp4").symlink_to(secret)
        good = make_clip(folder / "media" / GOOD, frames=3)
        with (
            openings(secret.parent) as opened,
            most(lambda: bytes_in(scratch)) as scratch_bytes,
            most(readers_peak) as reader_bytes,
            running(folder, {"TMPDIR": str(scratch)}) as dev,
        ):
            undisturbed = tmp_path / "undisturbed.mp4"
            made = style_pipeline("stylize", str(good), "-s", "brushwork", "-o", str(undisturbed))
            assert made.code == 0
            wait_for("every report", lambda: _told(folder).keys() >= expected.keys(), seconds=900)
            told = dev.ticks("new_videos")[0]
            wait_for("the good film", lambda: _is_all_done(dev.runs()), seconds=900)
            wait_for("two more looks", lambda: dev.ticks("new_videos")[1] > told)
            runs = dev.runs()
        for name, (reason, tries) in expected.items():
            assert re.search(reason, _told(folder)[name]), name
            assert [run.status for run in _of(runs, name)] == ["FAILURE"] * tries, name
        assert not _of(runs, "videos/brushwork/link.mp4")
        with pytest.raises(BlockingIOError):
            listener.accept()
    film = folder / "media/styled/brushwork/good.mp4"
    assert {path.name for path in film.parent.iterdir()} == {"good.mp4", "good.mp4.jpg"}
    assert film.read_bytes() == undisturbed.read_bytes()
    assert opened == []
    assert [path for path in scratch.rglob("*") if path.is_file()] == []
    assert scratch_bytes() < 1 << 20
    assert reader_bytes() < 250 << 20


def _drop(kinds: list[str], media: Path, secret: Path, url: str) -> dict[str, tuple[str, int]]:
    """Drop what nobody should; how the reason for each should read, and how many runs it takes."""
    expected = {name: (reason, 0) for name, reason in NAMES.items()}
    for name in expected:
        (media / name).parent.mkdir(parents=True, exist_ok=True)
        (media / name).write_bytes(b"this is no video")
    for kind in kinds:
        if kind == BOMB:
            (media / BOMB).parent.mkdir()
            (media / BOMB).write_bytes(png_header(30_000, 30_000))
            expected[BOMB] = ("is larger than 80 megapixels", 1)
            continue
        made, reason = media / f"videos/brushwork/{kind}.mp4", f"{NO_VIDEO}|{UNKNOWN}"
        if kind in DISGUISED:
            made.write_text(DISGUISED[kind].format(secret=secret, url=url))
        else:
            make, reason = REFUSED[kind]
            with TemporaryDirectory() as apart:
                source = make(Path(apart))
                made = source.rename(made.with_suffix(source.suffix))
            # Reasons that name the file name it as it was made.
            reason = reason.replace(source.name, made.name)
        expected[str(made.relative_to(media))] = (
            (reason, 1) if made.stat().st_size else ("it is empty: upload it again", 0)
        )
    return expected


def _is_all_done(runs: list[Run]) -> bool:
    idle = all(run.status in FINISHED for run in runs)
    return idle and outcomes(_of(runs, GOOD))["styled_video", "SUCCESS"] == 1


def _of(runs: list[Run], name: str) -> list[Run]:
    """The runs of a dropped video or painting."""
    key = style_key(name) if name.startswith("styles/") else video_key(name)
    return [run for run in runs if run.partition.partition("|")[0] == key]


def _told(folder: Path) -> dict[str, str]:
    """The reason that is told of each file."""
    found = [json.loads(path.read_text()) for path in (folder / "media").glob("rejected/**/*.json")]
    return {report["file"]: report["reason"] for report in found}
