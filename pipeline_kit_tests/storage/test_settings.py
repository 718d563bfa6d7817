import pytest

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
