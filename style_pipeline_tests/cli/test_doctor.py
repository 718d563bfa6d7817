from pathlib import Path

import pytest
from dagster import DagsterInstance

from style_pipeline_tests.cli.shell import Answer, run


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    monkeypatch.setenv("STYLE_PIPELINE_DEVICE", "cpu")
    return tmp_path


def findings(answer: Answer) -> dict[str, tuple[str, str, str]]:
    return {f["what"]: (f["level"], f["found"], f["remedy"]) for f in answer.json}


def test_a_machine_that_can_paint_is_told_so_and_left_as_it_was(folder: Path) -> None:
    answer = run("doctor", "--json")
    found = findings(answer)
    assert answer.code == 0, found
    wanted = ["settings", "media store", "ops store", "GPU", "ffmpeg", "H.264", "HEVC", "AV1"]
    assert list(found) == [*wanted, "scratch", "Dagster"]
    assert {found[what][0] for what in wanted} == {"ok"}
    assert found["ffmpeg"][1].startswith("ffmpeg version ")
    level, text, remedy = found["Dagster"]
    assert (level, text) == ("warning", "there is no instance here")
    assert remedy == "run it where `make dev` runs, or set DAGSTER_HOME"
    assert not [*folder.iterdir()]


def test_people_read_what_to_do_below_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYLE_PIPELINE_CRF", "abc")
    answer = run("doctor")
    assert answer.code == 1
    first, second = answer.out.splitlines()  # nothing else can be used either
    assert first.startswith("problem  settings: STYLE_PIPELINE_CRF='abc' should be a whole number")
    assert second == "         -> change it in .env or unset it"


def test_settings_are_also_those_of_the_env_file(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setenv("STYLE_PIPELINE_PRESET", "")
    (folder / ".env").write_text("STYLE_PIPELINE_PRESET=quick\n")
    assert findings(run("doctor", "--json"))["settings"][1].startswith("STYLE_PIPELINE_PRESET='qui")


def test_a_misspelled_setting_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYLE_PIPELINE_MEDIA_ULR", "x")
    level, found, remedy = findings(run("doctor", "--json"))["settings"]
    assert (level, found) == ("warning", "there is no STYLE_PIPELINE_MEDIA_ULR")
    assert "MEDIA_URL" in remedy


@pytest.mark.parametrize("is_used", [True, False])
def test_an_instance_without_a_daemon_is_a_warning(folder: Path, is_used: bool) -> None:
    home = folder / ".dagster"
    home.mkdir()
    (home / "dagster.yaml").touch()
    if is_used:
        DagsterInstance.from_config(str(home)).dispose()
    before = {*home.rglob("*")}
    level, found, remedy = findings(run("doctor", "--json"))["Dagster"]
    assert level == "warning"
    assert found.startswith(f"no daemon runs on {home}: ")
    assert remedy == "start `make dev`"
    assert {*home.rglob("*")} == before
