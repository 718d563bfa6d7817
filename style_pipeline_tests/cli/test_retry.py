from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterInstance

from style_pipeline_tests.assets.journey import CLIP
from style_pipeline_tests.cli.shell import run

pytestmark = pytest.mark.usefixtures("at_home")


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
