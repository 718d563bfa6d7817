from pathlib import Path

import pytest

from pipeline_kit.settings import BadSetting
from pipeline_kit.storage.settings import StoreSettings
from pipeline_kit.storage.store import Store


def test_four_variables_name_a_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIT_MEDIA_URL", "az://account/media")
    monkeypatch.setenv("KIT_MEDIA_SAS_TOKEN", "sesame")
    monkeypatch.setenv("KIT_MEDIA_ENDPOINT", "https://example.com")
    settings = StoreSettings.load("KIT_MEDIA_")
    assert "sesame" not in repr(settings)
    assert settings.store() == Store(
        url="az://account/media", sas_token="sesame", endpoint="https://example.com"
    )


def test_without_a_url_the_store_is_the_default() -> None:
    store = StoreSettings.load("KIT_OPS_").store(default_url="file:///data")
    assert store == Store(url="file:///data")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("URL", "foo", "URL='foo' should be file:///folder or az://account/container"),
        ("URL", "s3://a/b", "URL='s3://a/b' should be file:///folder or az://account/container"),
        ("URL", "file://media", "URL: file://media should name a folder from the root: file:///"),
        ("URL", "az://x", "URL: az://x should read az://account/container"),
        ("URL", "az://account/media/../x", "URL='x/../x' is not the name of an object"),
        ("ENDPOINT", "http://example.com", "ENDPOINT: http is for this machine only"),
        ("ACCOUNT_KEY", "sesame", "ACCOUNT_KEY: it opens the whole account"),
    ],
)
def test_an_address_that_cannot_be_used_is_named_with_its_variable_before_it_is_used(
    monkeypatch: pytest.MonkeyPatch, field: str, value: str, said: str
) -> None:
    monkeypatch.setenv("KIT_MEDIA_URL", "az://account/media")
    monkeypatch.setenv(f"KIT_MEDIA_{field}", value.replace("media/../x", "media/x/../x"))
    with pytest.raises(BadSetting) as raised:
        StoreSettings.load("KIT_MEDIA_")
    assert str(raised.value).startswith(f"KIT_MEDIA_{said}")
    assert "sesame" not in str(raised.value)


def test_no_folder_is_created_by_looking_at_its_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KIT_MEDIA_URL", (tmp_path / "media").as_uri())
    assert StoreSettings.load("KIT_MEDIA_").url
    assert not [*tmp_path.iterdir()]
