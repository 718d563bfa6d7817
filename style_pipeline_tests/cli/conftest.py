from datetime import UTC, datetime
from pathlib import Path

import pytest
from dagster import DagsterInstance

from pipeline_kit.storage.store import Store
from style_pipeline.intake.reports import report, report_name
from style_pipeline.object_names import Video
from style_pipeline.partitions import chunk_key
from style_pipeline.status.rejected import MOST_BYTES
from style_pipeline_tests.assets.journey import CLIP, new_journey
from style_pipeline_tests.clips import make_clip
from style_pipeline_tests.runs import remember

BROKEN, LOST = Video("small/broken.mp4"), Video("small/lost.mp4")


@pytest.fixture(autouse=True)
def _no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """pytest-xdist says how wide its own is."""
    for name in ("COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder in which there is nothing, where commands are run."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
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
        for name in (CLIP.source, CLIP.film("mp4")):
            journey.media.write(name, b"something")
        for asset, partition, metadata in (
            ("audio", LOST.key, {}),
            ("audio", CLIP.key, {}),
            ("frames", CLIP.key, {"frames": 12, "chunks": 2}),
            ("look", CLIP.key, {}),
            ("styled_frames", chunk_key(CLIP.key, 0), {"frames": 6, "fps": 2.0}),
            ("styled_frames", chunk_key(CLIP.key, 1), {"frames": 6, "fps": 2.0}),
            ("styled_video", CLIP.key, {"film": journey.media.location(CLIP.film("mp4"))}),
        ):
            remember(instance, asset, partition, metadata)
    return root / "home"


@pytest.fixture
def at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands work on that instance."""
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    for name in ("media", "ops"):
        url = (home.parent / "work" / name).as_uri()
        monkeypatch.setenv(f"STYLE_PIPELINE_{name.upper()}_URL", url)


@pytest.fixture
def refused(at_home: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
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
