from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from style_pipeline_tests.cli.instances import at_work
from style_pipeline_tests.cli.shell import refusal, run

LEFT = "work/ink/forgotten.mp4/frames.parquet"


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    with at_work(tmp_path, monkeypatch) as instance:
        for name in (LEFT, "work/ink/kept.mp4/frames.parquet"):
            (tmp_path / "ops" / name).parent.mkdir(parents=True)
            (tmp_path / "ops" / name).write_bytes(b" " * 2500)
        yield instance


def test_what_belongs_to_nothing_is_listed_first_and_deleted_when_that_is_wanted(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    instance.add_dynamic_partitions("videos", ["ink/kept.mp4"])
    answer = run("clean")
    assert answer.code == 0
    _, line, total = answer.out.splitlines()
    assert line == f"{LEFT}  2.5 kB  there is no video ink/forgotten.mp4"
    assert total == ("1 object, 2.5 kB: nothing is deleted yet, `style-pipeline clean --yes` does")
    assert (tmp_path / "ops" / LEFT).exists()
    assert run("clean", "--json").json[0]["deleted"] is False

    assert run("clean", "--yes").out.splitlines()[-1] == "deleted: 1 object, 2.5 kB"
    assert not (tmp_path / "ops" / LEFT).exists()
    assert (tmp_path / "ops/work/ink/kept.mp4/frames.parquet").exists()
    assert run("clean").out == "nothing to clean\n"


def test_work_of_another_instance_s_is_not_cleaned_away(instance: dg.DagsterInstance) -> None:
    assert refusal("clean", "--yes").startswith("this instance knows no video, but there are work")
