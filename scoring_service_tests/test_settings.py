"""Settings are documented once, and a wrong one is said in a line."""

from pathlib import Path

import pytest

from pipeline_kit.settings import BadSetting, Setting
from pipeline_kit.storage.settings import StoreSettings
from scoring_service.access import hash_of
from scoring_service.settings import (
    MEDIA,
    OPS,
    PREFIX,
    ServiceSettings,
    load_settings,
    media_store,
    ops_store,
)

DOC = Path(__file__).parents[1] / "docs/service.md"


def row(setting: Setting) -> str:
    default = setting.default
    secret = hasattr(default, "get_secret_value")
    shown = "" if secret or default == "" else f"`{str(default).lower()}`"
    return f"| `{setting.name}` | {shown} | {setting.description} |"


def test_the_docs_have_a_table_of_every_setting_with_its_default_and_meaning() -> None:
    stores = [each for prefix in (OPS, MEDIA) for each in StoreSettings.documented(prefix)]
    wanted = [*stores, *ServiceSettings.documented(PREFIX)]
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
        ("OIDC_ISSUER", "http://example.org", "SCORING_SERVICE_OIDC_ISSUER: it should begin with"),
        ("OIDC_ISSUER", "https://example.org", "SCORING_SERVICE_OIDC_CLIENT_ID: it is needed"),
        ("PUBLIC_URL", "studio.example.org", "SCORING_SERVICE_PUBLIC_URL: "),
        ("DAGSTER_URL", "file:///etc", "SCORING_SERVICE_DAGSTER_URL: "),
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
    # Those of `make dev`, which is run in the same folder.
    assert media_store().url == (tmp_path / "media").as_uri()


def test_beyond_this_machine_people_sign_in_at_a_provider_by_tls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in (
        ("HOST", "0.0.0.0"),
        ("OIDC_ISSUER", "https://id.example.org"),
        ("OIDC_CLIENT_ID", "studio"),
    ):
        monkeypatch.setenv(f"{PREFIX}{name}", value)
    with pytest.raises(BadSetting, match=r"^SCORING_SERVICE_OIDC_CLIENT_SECRET: it is needed"):
        load_settings()
    monkeypatch.setenv(f"{PREFIX}OIDC_CLIENT_SECRET", "s3cret")
    for url in ("", "http://studio.example.org"):
        monkeypatch.setenv(f"{PREFIX}PUBLIC_URL", url)
        with pytest.raises(BadSetting, match=r"^SCORING_SERVICE_PUBLIC_URL: it is needed"):
            load_settings()
    monkeypatch.setenv(f"{PREFIX}PUBLIC_URL", "https://studio.example.org/")
    settings = load_settings()  # and no key is needed
    assert settings.public_url == "https://studio.example.org"
    assert "s3cret" not in repr(settings)
