import os
import sys
from pathlib import Path

import pytest
from dagster import DagsterInstance

from pipeline_kit.storage.objects import StoredObject, StoreError
from pipeline_kit.storage.store import Store
from pipeline_kit_tests.azurite import ACCOUNT_KEY, AzureContainer
from style_pipeline.status import checkup
from style_pipeline.status.checkup import GIB, Level
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
    assert list(found) == [
        *(
            "settings",
            "media store",
            "ops store",
            "GPU",
            "ffmpeg",
            "H.264",
            "HEVC",
            "AV1",
            "scratch",
            "Dagster",
        )
    ]
    healthy = {what for what, (level, _, _) in found.items() if level == "ok"}
    assert healthy >= {
        "settings",
        "media store",
        "ops store",
        "GPU",
        "ffmpeg",
        "H.264",
        "HEVC",
        "AV1",
    }
    assert found["ffmpeg"][1].startswith("ffmpeg version ")
    level, text, remedy = found["Dagster"]
    assert (level, text) == ("warning", "there is no instance here")
    assert remedy == "run it where `make dev` runs, or set DAGSTER_HOME"
    assert not [*folder.iterdir()]


def test_people_read_what_to_do_below_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYLE_PIPELINE_CRF", "abc")
    answer = run("doctor")
    assert answer.code == 1
    first, second = answer.out.splitlines()[:2]
    assert first.startswith("problem  settings: STYLE_PIPELINE_CRF='abc' should be a whole number")
    assert second == "         -> change it in .env or unset it"


def test_settings_are_also_those_of_the_env_file(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setenv("STYLE_PIPELINE_PRESET", "")
    (folder / ".env").write_text("STYLE_PIPELINE_PRESET=quick\n")
    assert findings(run("doctor", "--json"))["settings"][1].startswith("STYLE_PIPELINE_PRESET='qui")


def test_a_misspelt_setting_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYLE_PIPELINE_MEDIA_ULR", "x")
    level, found, remedy = findings(run("doctor", "--json"))["settings"]
    assert (level, found) == ("warning", "there is no STYLE_PIPELINE_MEDIA_ULR")
    assert "MEDIA_URL" in remedy


def test_a_store_that_cannot_be_entered_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYLE_PIPELINE_MEDIA_URL", "s3://bucket")
    answer = run("doctor", "--json")
    level, found, remedy = findings(answer)["media store"]
    assert (answer.code, level) == (1, "problem")
    assert "should be file:///folder or az://account/container" in found
    assert remedy == "check STYLE_PIPELINE_MEDIA_URL and who may enter"


def test_a_gpu_that_is_wanted_and_not_there_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setenv("STYLE_PIPELINE_DEVICE", "cuda")
    assert checkup.check_device().remedy == "set auto or cpu"
    monkeypatch.setenv("STYLE_PIPELINE_DEVICE", "auto")
    assert checkup.check_device().level is Level.WARNING
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr("torch.version.cuda", None)
    assert checkup.check_device().remedy.endswith("install a PyTorch that is built for CUDA")


def test_an_ffmpeg_that_does_not_run_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(folder / "missing"))
    assert checkup.check_ffmpeg().level is Level.PROBLEM
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", sys.executable)
    assert checkup.check_ffmpeg().level is Level.PROBLEM


def test_a_disk_that_is_nearly_full_is_a_warning() -> None:
    assert checkup.check_scratch(lambda folder: (0, 0, 2 * GIB)).level is Level.WARNING
    assert checkup.check_scratch(lambda folder: (0, 0, 20 * GIB)).level is Level.OK


def test_a_store_is_tried_out_and_left_as_it_was(
    monkeypatch: pytest.MonkeyPatch, folder: Path, azure_container: AzureContainer
) -> None:
    (folder / "ops").mkdir()
    for name, value in (
        ("URL", azure_container.url),
        ("ENDPOINT", azure_container.endpoint),
        ("ACCOUNT_KEY", ACCOUNT_KEY),
    ):
        monkeypatch.setenv(f"STYLE_PIPELINE_MEDIA_{name}", value)
    listed: list[str] = []
    listing = Store.list

    def note_and_list(store: Store, prefix: str = "") -> list[StoredObject]:
        listed.append(prefix)
        return listing(store, prefix)

    monkeypatch.setattr(Store, "list", note_and_list)
    media, ops = checkup.check_store("media"), checkup.check_store("ops")
    assert media.found == f"{azure_container.url} can be listed, read and written"
    assert ops.found == f"file://{folder}/ops can be listed, read and written"
    assert len(listed) == 2
    assert all(prefix.startswith(".doctor-") for prefix in listed)
    assert not azure_container.store().list()
    assert not [*(folder / "ops").iterdir()]


def test_that_a_pod_only_reads_a_store_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    (folder / "media").mkdir()

    def refuse(store: Store, name: str, data: bytes) -> StoredObject:
        raise StoreError("cannot write: 403 Forbidden")

    monkeypatch.setattr(Store, "write", refuse)
    monkeypatch.delenv(checkup.IN_A_POD, raising=False)
    assert checkup.check_store("media").level is Level.PROBLEM
    monkeypatch.setenv(checkup.IN_A_POD, "10.0.0.1")
    found = checkup.check_store("media")
    assert found.level is Level.WARNING
    assert found.found == "it can be listed, but cannot write: 403 Forbidden"


def test_a_folder_that_cannot_be_created_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYLE_PIPELINE_MEDIA_URL", "file:///proc/none/media")
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # which root always has
    found = checkup.check_store("media")
    assert found.level is Level.PROBLEM
    assert found.found == "/proc/none/media is not there, and cannot be created in /proc"
    assert found.remedy == "create it, or set STYLE_PIPELINE_MEDIA_URL"


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


def test_settings_of_pods_are_known_and_their_values_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STYLE_PIPELINE_GPU_POD", '{"gpus": 2}')
    assert checkup.settings_problem() is None
    assert checkup.pods_problem() is None
    assert not [f for f in checkup.unknown_settings() if "GPU_POD" in f.found]
    monkeypatch.setenv("STYLE_PIPELINE_GPU_POD", '{"gpus": "none"}')
    problem = checkup.settings_problem()
    assert problem is not None
    assert problem.found.startswith("STYLE_PIPELINE_GPU_POD: gpus='none': ")
