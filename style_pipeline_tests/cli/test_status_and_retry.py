import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterInstance

from pipeline_kit.storage.store import Store
from style_pipeline.intake.reports import report, report_name
from style_pipeline.object_names import Video
from style_pipeline.partitions import chunk_key
from style_pipeline.status.rejected import MOST_BYTES
from style_pipeline_tests.assets.journey import CLIP, make_clip, new_journey
from style_pipeline_tests.cli.shell import refusal, run

BROKEN, LOST = Video("small/broken.mp4"), Video("small/lost.mp4")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An instance that remembers a film, one that lost a chunk, and a video that is none."""
    root = tmp_path_factory.mktemp("status")
    (root / "home").mkdir()
    (root / "home/dagster.yaml").touch()
    instance = DagsterInstance.from_config(str(root / "home"))
    with new_journey(root / "work", instance=instance, min_frames=6) as journey:
        journey.drop(make_clip(root / "clip.mp4"), LOST)
        journey.make_ready(LOST)
        journey.make("styled_frames", LOST, slot=0)
        look = journey.root / "ops" / LOST.look
        look.write_text("{}")
        assert not journey.run("styled_frames", LOST, slot=1).success
        (root / "text.mp4").write_bytes(b"this is no video" * 100)
        journey.drop(root / "text.mp4", BROKEN)
        assert not journey.run("frames", BROKEN).success
        instance.add_dynamic_partitions("videos", [CLIP.key])
        for asset, partition, metadata in (
            ("audio", LOST.key, {}),
            ("audio", CLIP.key, {}),
            ("frames", CLIP.key, {"frames": 12, "chunks": 2}),
            ("look", CLIP.key, {}),
            ("styled_frames", chunk_key(CLIP.key, 0), {"frames": 6, "fps": 2.0}),
            ("styled_frames", chunk_key(CLIP.key, 1), {"frames": 6, "fps": 2.0}),
            ("styled_video", CLIP.key, {"film": "/media/styled/small/clip.mp4"}),
        ):
            instance.report_runless_asset_event(
                dg.AssetMaterialization(asset, partition=partition, metadata=metadata)
            )
        yield root / "home"


@pytest.fixture(autouse=True)
def at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    monkeypatch.setenv("STYLE_PIPELINE_MEDIA_URL", (home.parent / "work/media").as_uri())


def test_status_is_a_table_of_all_videos_and_says_with_its_code_that_one_failed() -> None:
    answer = run("status")
    assert answer.code == 1
    header, broken, lost, done = answer.out.splitlines()
    assert header.split() == ["VIDEO", "STATE", "CHUNKS", "TIME", "LEFT"]
    assert broken.split()[:3] == ["small/broken.mp4", "failed", "-"]
    assert "frames: small/broken.mp4: broken.mp4 " in broken
    assert broken.endswith("export it again and drop it again")
    assert lost.split()[:5] == ["small/lost.mp4", "failed", "1", "of", "2"]
    assert lost.endswith("materialize look of this video again")
    assert done.split()[:5] == [CLIP.key, "done", "2", "of", "2"]
    assert done.endswith("/media/styled/small/clip.mp4")


def test_status_of_one_video_as_json() -> None:
    answer = run("status", CLIP.key, "--json")
    assert answer.code == 0
    assert answer.json == [
        {
            "video": CLIP.key,
            "state": "done",
            "chunks": 2,
            "chunks_done": 2,
            "seconds_left": None,
            "film": "/media/styled/small/clip.mp4",
            "reason": None,
            "time": None,
        }
    ]


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    """A media store with reports on two files that were not taken, and with what is no report."""
    media = Store(url=tmp_path.as_uri())
    for name, reason, day in (
        ("videos/ink/notes.txt", ".txt is no kind of video", 20),
        ("videos/ink/\33[31mred.mp4", "it has control characters", 21),
    ):
        at = datetime(2026, 11, day, 12, tzinfo=UTC)
        media.write(report_name(name), report(name, reason, at=at))
    media.write("rejected/ink/other.json", b"[1, 2]")
    media.write("rejected/ink/huge.json", b" " * (MOST_BYTES + 1))
    monkeypatch.setenv("STYLE_PIPELINE_MEDIA_URL", media.url)
    return media


@pytest.mark.usefixtures("refused")
def test_status_lists_files_that_were_not_taken_and_when_and_why() -> None:
    answer = run("status", "ink/*")
    assert (answer.code, answer.err) == (1, "")
    _, red, notes = answer.out.splitlines()
    assert red.split()[:2] == ["ink/?[31mred.mp4", "rejected"], "no name colours a terminal"
    assert notes.split()[:4] == ["ink/notes.txt", "rejected", "-", "-"]
    at = datetime(2026, 11, 20, 12, tzinfo=UTC).astimezone()
    assert notes.endswith(f"  {at:%Y-%m-%d %H:%M}: .txt is no kind of video")


@pytest.mark.usefixtures("refused")
def test_files_that_were_not_taken_are_listed_as_json_too() -> None:
    red, notes = run("status", "ink/*", "--json").json
    assert red["video"] == "ink/\33[31mred.mp4"
    assert (notes["state"], notes["reason"]) == ("rejected", ".txt is no kind of video")
    assert datetime.fromisoformat(notes["time"]) == datetime(2026, 11, 20, 12, tzinfo=UTC)
    videos = run("status", "--json").json
    assert [video["state"] for video in videos] == ["rejected"] * 2 + ["failed"] * 2 + ["done"]
    assert {frozenset(video) for video in videos} == {frozenset(notes)}


def test_the_latest_of_very_many_reports_are_read(
    refused: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("style_pipeline.status.rejected.MOST", 1)
    for found in refused.list("rejected"):
        if "notes" not in found.name:
            os.utime(refused.location(found.name), (1, 1))
    answer = run("status", "ink/*")
    assert answer.err == "3 older files were not taken: see rejected/ beside videos/\n"
    assert [line.split()[0] for line in answer.out.splitlines()[1:]] == ["ink/notes.txt"]


def test_status_tells_of_videos_that_wait_until_their_style_is_trained(refused: Store) -> None:
    for name in ("styles/night.jpg", "styles/day.jpg", "videos/night/clip.mp4", "videos/ink/a.mp4"):
        refused.write(name, b"something")
    refused.write("videos/night/style.toml", b"strength = 1")
    refused.write("videos/night/.clip.mov", b"half of it")
    # The video was there before the painting, and its report is until it starts.
    refusal = report("videos/night/clip.mp4", "there is no style 'night'", at=datetime.now(UTC))
    refused.write(report_name("videos/night/clip.mp4"), refusal)
    answer = run("status", "night/*")
    assert (answer.code, answer.err) == (0, "")
    (line,) = answer.out.splitlines()[1:]
    assert line.split()[:4] == ["night/clip.mp4", "waiting", "-", "-"]
    assert line.endswith(
        "style 'night' has a painting and no trained network yet: "
        "it starts by itself once style_model has made one"
    )
    assert "waiting" in [video["state"] for video in run("status", "--json").json]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("s3://bucket", "url: 's3://bucket' should be file:///folder or az://account/container\n"),
        ("file:///none/media", "the folder of the media store is not there\n"),
    ],
)
def test_status_without_the_media_store_tells_what_it_knows(
    url: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STYLE_PIPELINE_MEDIA_URL", url)
    answer = run("status", CLIP.key, "--json")
    assert answer.err == f"files that were not taken are not listed: {said}"
    assert [video["video"] for video in answer.json] == [CLIP.key]
    assert not Path("/none").exists()


def test_a_video_that_is_not_known_is_refused() -> None:
    assert refusal("status", "ink/other.mp4").startswith("no video 'ink/other.mp4' was taken: ")
    assert refusal("retry", "ink/*").startswith("no video 'ink/*' was taken: ")


def test_retry_backfills_the_lost_chunk_and_no_other(home: Path) -> None:
    answer = run("retry", "small/lost.mp4", "--json")
    assert answer.code == 0
    (told,) = answer.json
    assert told["missing"] == {"styled_frames": [1]}
    with DagsterInstance.from_config(str(home)) as instance:
        backfill = instance.get_backfill(told["backfill"])
    assert backfill
    assert backfill.asset_backfill_data
    target = backfill.asset_backfill_data.target_subset
    asked_for = {(p.asset_key, p.partition_key) for p in target.iterate_asset_partitions()}
    assert asked_for == {(dg.AssetKey("styled_frames"), "small/lost.mp4|001")}


def test_retry_says_what_it_starts_and_that_no_daemon_comes_to_it() -> None:
    answer = run("retry", "small/*")
    broken, lost, done = sorted(answer.out.splitlines(), key=lambda line: "done" in line)
    assert broken.startswith("small/broken.mp4: backfill ")
    assert broken.endswith(" makes audio and frames and look")
    assert lost.endswith(" makes styled_frames 001")
    assert done == f"{CLIP.key}: nothing to retry, it is done"
    assert answer.err.startswith("no daemon runs on this instance: start `make dev`")


def test_a_dry_run_starts_nothing(home: Path) -> None:
    with DagsterInstance.from_config(str(home)) as instance:
        before = len(instance.get_backfills())
        answer = run("retry", "small/lost.mp4", "--dry-run")
        assert len(instance.get_backfills()) == before
    assert answer.out == "small/lost.mp4: would make styled_frames 001\n"


def test_without_an_instance_it_says_where_to_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DAGSTER_HOME")
    monkeypatch.chdir(tmp_path)
    where = "run it where `make dev` runs, or set DAGSTER_HOME"
    assert refusal("status") == f"there is no Dagster instance here: {where}"


def test_status_reads_no_torch(home: Path) -> None:
    program = (
        "import sys\n"
        "from style_pipeline.cli import main\n"
        "main(['status', '--json'], standalone_mode=False)\n"
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)) == 3
