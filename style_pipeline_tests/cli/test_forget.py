from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterRunStatus

from style_pipeline.partitions import chunk_key
from style_pipeline_tests.cli.instances import at_work
from style_pipeline_tests.cli.shell import refusal, run
from style_pipeline_tests.runs import add_run, remember_film

CLIP, OTHER = "ink/clip.mp4", "ink/other.mp4"


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    with at_work(tmp_path, monkeypatch) as instance:
        for key in (CLIP, OTHER):
            remember_film(instance, key)
            for place in (
                *(f"media/videos/{key}", f"media/styled/{key}"),
                *(f"ops/work/{key}/frames.parquet", f"ops/work/{key}/segments/000.mp4"),
            ):
                (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / place).touch()
        yield instance


def known() -> list[str]:
    return [told["video"] for told in run("status", "--json").json]


def test_a_video_is_forgotten_and_its_file_and_its_film_stay(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    assert run("forget", CLIP, "--dry-run").out == f"{CLIP}: would be forgotten\n"
    assert known() == [CLIP, OTHER]
    answer = run("forget", CLIP)
    assert (answer.code, answer.out) == (0, f"{CLIP}: forgotten, with 2 work files\n")
    assert known() == [OTHER]
    assert (tmp_path / f"media/videos/{CLIP}").exists()
    assert (tmp_path / f"media/styled/{CLIP}").exists()


def test_the_film_goes_too_where_it_is_asked_for(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    (told,) = run("forget", CLIP, "--film", "--json").json
    assert told == {
        "video": CLIP,
        "under_way": "",
        "forgotten": True,
        "work_files": 2,
        "delivered": 1,
        "runs": 0,
    }
    assert not (tmp_path / f"media/styled/{CLIP}").exists()
    assert (tmp_path / f"media/styled/{OTHER}").exists()


def test_what_is_under_way_is_not_forgotten(instance: dg.DagsterInstance) -> None:
    add_run(instance, "styled_frames", chunk_key(CLIP, 0), DagsterRunStatus.QUEUED)
    answer = run("forget", "ink/*")
    assert answer.code == 1
    assert answer.err == (
        f"{CLIP}: not forgotten, as 1 run is under way: `style-pipeline cancel {CLIP}`\n"
    )
    assert known() == [CLIP]


def test_videos_are_forgotten_by_age(instance: dg.DagsterInstance) -> None:
    assert run("forget", "--older-than", "30d").out == "nothing to forget\n"
    assert run("forget", OTHER, "--older-than", "0s").code == 0
    assert known() == [CLIP]
    assert refusal("forget").startswith("which ones? Name videos, or say --older-than 30d")
    assert "'soon' should be a number and a unit" in refusal("forget", "--older-than", "soon")
