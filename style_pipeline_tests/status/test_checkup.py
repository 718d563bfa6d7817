import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline_kit.storage.objects import StoredObject, StoreError
from pipeline_kit.storage.store import Store
from pipeline_kit_tests.azurite import ACCOUNT_KEY, AzureContainer
from style_pipeline.status import checkup
from style_pipeline.status.checkup import GIB, Level


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    monkeypatch.setenv("STYLE_PIPELINE_DEVICE", "cpu")
    return tmp_path


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


@pytest.mark.parametrize(("free", "level"), [(2 * GIB, Level.WARNING), (20 * GIB, Level.OK)])
def test_a_disk_that_is_nearly_full_is_a_warning(
    free: int, level: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=free))
    assert checkup.check_scratch().level is level


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
