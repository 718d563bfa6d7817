"""Settings are documented once, and a wrong one is said in a line."""

from pathlib import Path

import pytest

from faq_pipeline.resources import resources
from faq_pipeline.settings import PREFIX, FaqSettings, load_settings, notifier
from pipeline_kit.execution.pods import Pod
from pipeline_kit.orchestration.notifications import NotificationSettings
from pipeline_kit.settings import BadSetting, Setting
from pipeline_kit.storage.settings import StoreSettings

DOC = Path(__file__).parents[1] / "docs/service.md"


def row(setting: Setting) -> str:
    default = setting.default
    if isinstance(default, Pod):
        shown = "1 CPU, 4Gi"
    elif hasattr(default, "get_secret_value") or default == "":
        shown = ""
    else:
        shown = f"`{default}`"
    return f"| `{setting.name}` | {shown} | {setting.description} |"


def test_the_docs_have_a_table_of_every_setting_with_its_default_and_meaning() -> None:
    wanted = [
        *StoreSettings.documented(f"{PREFIX}{{MEDIA,OPS}}_"),
        *FaqSettings.documented(PREFIX),
        *NotificationSettings.documented(PREFIX),
    ]
    lines = DOC.read_text().splitlines()
    assert [line for line in lines if line.startswith(f"| `{PREFIX}")] == [*map(row, wanted)]


def test_a_wrong_setting_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}LEAST_ACCURACY", "80")
    with pytest.raises(BadSetting, match="LEAST_ACCURACY='80' should be a number from 0 to 1"):
        load_settings()


def test_stores_and_notices_are_set_with_the_same_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}OPS_URL", "az://account/ops")
    monkeypatch.setenv(f"{PREFIX}WEBHOOK_URL", "https://example.com/hook")
    assert resources()["ops"].url == "az://account/ops"
    assert notifier()
