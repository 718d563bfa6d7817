"""Settings are documented once, and a wrong one is said in a line."""

import re
from pathlib import Path

import pytest

from pipeline_kit.execution.pods import Pod
from pipeline_kit.orchestration.notifications import NotificationSettings
from pipeline_kit.settings import BadSetting, Setting
from pipeline_kit.storage.settings import StoreSettings
from sensor_pipeline.settings import (
    PREFIX,
    SensorSettings,
    load_settings,
    setting_names,
)

DOC = Path(__file__).parents[1] / "docs/sensors.md"


def row(setting: Setting) -> str:
    default = setting.default
    if isinstance(default, Pod):
        shown = "its pool's nodes, 8Gi"
    elif hasattr(default, "get_secret_value") or default == "":
        shown = ""
    else:
        shown = f"`{default}`"
    return f"| `{setting.name}` | {shown} | {setting.description} |"


def test_the_docs_have_a_table_of_every_setting_with_its_default_and_meaning() -> None:
    wanted = [
        *StoreSettings.documented(f"{PREFIX}{{MEDIA,OPS}}_"),
        *SensorSettings.documented(PREFIX),
        *NotificationSettings.documented(PREFIX),
    ]
    table = DOC.read_text().partition("| setting | default | meaning |")[2].partition("\n\n")[0]
    assert table.splitlines()[2:] == [row(setting) for setting in wanted]
    assert len(setting_names()) == len(wanted) + len(StoreSettings.model_fields)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SHARDS", "many", "SENSOR_PIPELINE_SHARDS='many' should be a whole number from 1 to 256"),
        ("AGGREGATE", "mode", "SENSOR_PIPELINE_AGGREGATE='mode' should be one of mean, min"),
        ("WINDOW_SECONDS", "7", "SENSOR_PIPELINE_WINDOW_SECONDS: 7 does not divide an hour"),
        ("FEATURES", "value,weight", "SENSOR_PIPELINE_FEATURES: 'value,weight' should be some of"),
        ("FEATURES", "value, value", "SENSOR_PIPELINE_FEATURES: 'value, value' should be some of"),
        ("FEATURES", ",", "SENSOR_PIPELINE_FEATURES: ',' should be some of"),
        ("FIRST_DAY", "2026-02-30", "SENSOR_PIPELINE_FIRST_DAY: "),
        (
            "FIRST_DAY",
            "0001-01-01",
            "SENSOR_PIPELINE_FIRST_DAY: 0001-01-01 should be a day from 1970 on",
        ),
        (
            "LAST_DAY",
            "9999-12-31",
            "SENSOR_PIPELINE_LAST_DAY: 9999-12-31 should be a day from 1970 on",
        ),
        ("TELEMETRY", "ftp://x", "SENSOR_PIPELINE_TELEMETRY: it should read https://host/path or"),
    ],
)
def test_a_wrong_setting_is_one_line(
    name: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{PREFIX}{name}", value)
    with pytest.raises(BadSetting) as error:
        load_settings()
    assert str(error.value).startswith(says)
    assert "\n" not in str(error.value)


def test_days_out_of_order_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}FIRST_DAY", "2026-03-02")
    monkeypatch.setenv(f"{PREFIX}LAST_DAY", "2026-03-01")
    with pytest.raises(BadSetting, match="2026-03-01 is before the first, 2026-03-02: set FIRST"):
        load_settings()
    monkeypatch.delenv(f"{PREFIX}FIRST_DAY")
    monkeypatch.setenv(f"{PREFIX}LAST_DAY", "2020-01-01")
    with pytest.raises(BadSetting, match=r"2020-01-01 is before the first, 20.*: set FIRST_DAY"):
        load_settings()


def test_hours_begin_with_a_month_so_that_they_do_not_move_every_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("FIRST_DAY", "LAST_DAY"):
        monkeypatch.delenv(f"{PREFIX}{name}")
    first = load_settings().first_hour
    assert (first.day, first.hour) == (1, 0)
    assert re.fullmatch(r"\d{4}-\d\d-01 00:00:00", str(first))
