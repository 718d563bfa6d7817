from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline_kit.storage.store import Store
from style_pipeline.intake.reports import report, report_name
from style_pipeline_tests.assets.journey import CLIP
from style_pipeline_tests.cli.shell import refusal, run

pytestmark = pytest.mark.usefixtures("at_home")


def test_status_lists_videos_that_wait_until_their_style_is_trained(refused: Store) -> None:
    for name in ("styles/night.jpg", "videos/night/clip.mp4"):
        refused.write(name, b"something")
    # The video was there before the painting, and its report is until it starts.
    refusal = report("videos/night/clip.mp4", "there is no style 'night'", at=datetime.now(UTC))
    refused.write(report_name("videos/night/clip.mp4"), refusal)
    answer = run("status", "night/*")
    assert answer.code == 0
    assert answer.err.startswith("no daemon runs on this instance: nothing follows until")
    line, reason = answer.out.splitlines()[1:]
    assert line.split()[:4] == ["night/clip.mp4", "waiting", "-", "-"]
    assert reason.startswith("    style 'night' has a painting and no trained network yet: it")
    assert "waiting" in [video["state"] for video in run("status", "--json").json]


def test_older_reports_are_counted(refused: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("style_pipeline.status.rejected.MOST", 1)
    refused.write("rejected/ink/zebra.json", report("videos/ink/a", "no", at=datetime.now(UTC)))
    assert run("status").err.endswith("older files were not taken: see rejected/ beside videos/\n")


def test_status_without_the_media_store_tells_what_it_knows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STYLE_PIPELINE_MEDIA_URL", "file:///none/media")
    answer = run("status", CLIP.key, "--json")
    assert answer.err == (
        "files that were not taken are not listed: the folder of the media store is not there\n"
    )
    assert [video["video"] for video in answer.json] == [CLIP.key]
    assert not Path("/none").exists()


@pytest.mark.parametrize("command", ["status", "retry", "cancel", "forget"])
def test_a_video_that_is_not_known_is_refused(command: str) -> None:
    assert refusal(command, "ink/*").startswith("no video 'ink/*' was taken: ")
