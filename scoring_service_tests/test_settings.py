"""Settings are documented once, and a wrong one is said in a line."""

from pathlib import Path

import pytest

from pipeline_kit.settings import BadSetting, Setting
from pipeline_kit.storage.settings import StoreSettings
from scoring_service.access import hash_of
from scoring_service.settings import OPS, PREFIX, ServiceSettings, load_settings, ops_store

DOC = Path(__file__).parents[1] / "docs/service.md"


def row(setting: Setting) -> str:
    default = setting.default
    secret = hasattr(default, "get_secret_value")
    shown = "" if secret or default == "" else f"`{str(default).lower()}`"
    return f"| `{setting.name}` | {shown} | {setting.description} |"


def test_the_docs_have_a_table_of_every_setting_with_its_default_and_meaning() -> None:
    wanted = [*StoreSettings.documented(OPS), *ServiceSettings.documented(PREFIX)]
    lines = DOC.read_text().splitlines()
    assert [line for line in lines if line.startswith(f"| `{PREFIX}")] == [*map(row, wanted)]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PORT", "http", "SCORING_SERVICE_PORT='http' should be a whole number from 0 to 65535"),
        ("KEYS", "me:1234", "SCORING_SERVICE_KEYS: each key should read name:hash"),
        ("HOST", "0.0.0.0", "SCORING_SERVICE_KEYS: it is needed where the service listens"),
        ("CLASSIFIERS", "resnet", "SCORING_SERVICE_CLASSIFIERS: 'resnet' should read name=source"),
        ("FAQ_DIGEST", "abc", "SCORING_SERVICE_FAQ_DIGEST: "),
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


def test_keys_of_one_name_can_be_replaced_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = [hash_of("old"), hash_of("new")]
    monkeypatch.setenv(f"{PREFIX}HOST", "0.0.0.0")
    monkeypatch.setenv(f"{PREFIX}KEYS", f"shop:{hashes[0]}, shop:{hashes[1]}")
    settings = load_settings()
    assert settings.key_hashes == (("shop", hashes[0]), ("shop", hashes[1]))
    assert hashes[0] not in repr(settings)


def test_classifiers_are_named_and_the_store_is_a_folder_unless_it_is_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(f"{PREFIX}CLASSIFIERS", "big=torchvision:resnet152=/w.pth, small=/a.onnx")
    assert load_settings().classifier_sources == {
        "big": "torchvision:resnet152=/w.pth",
        "small": "/a.onnx",
    }
    monkeypatch.chdir(tmp_path)
    assert ops_store().url == (tmp_path / "ops").as_uri()
