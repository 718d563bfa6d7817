"""Stores, as settings say."""

from pathlib import Path

import pytest

from pipeline_kit.settings import BadSetting
from sensor_pipeline.resources import resources


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("MEDIA_URL", "OPS_URL", "TELEMETRY"):
        monkeypatch.delenv(f"SENSOR_PIPELINE_{name}", raising=False)
    monkeypatch.chdir(tmp_path)


def test_stores_are_folders_beside_each_other_unless_they_are_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SENSOR_PIPELINE_OPS_URL", "az://account/ops")
    urls = {name: store.url for name, store in resources().items()}
    assert urls == {"media": (tmp_path / "media").as_uri(), "ops": "az://account/ops"}


@pytest.mark.parametrize("name", ["TELEMETRY", "MEDIA_URL", "WEBHOOK_URL"])
def test_a_setting_that_cannot_be_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"SENSOR_PIPELINE_{name}", "ftp://somewhere")
    with pytest.raises(BadSetting, match=f"SENSOR_PIPELINE_{name}"):
        resources()
