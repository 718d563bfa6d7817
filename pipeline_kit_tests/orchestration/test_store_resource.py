import pickle
from pathlib import Path

import dagster as dg
import pytest
from pydantic import ValidationError

from pipeline_kit.orchestration.store_resource import StoreResource
from pipeline_kit.storage.store import Store


def test_an_asset_is_handed_a_plain_store_with_its_secrets_looked_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SESAME", "sv=1&sig=x")
    handed: list[Store] = []

    @dg.asset
    def scores(media: dg.ResourceParam[Store]) -> None:
        handed.append(media)

    token = dg.EnvVar("SESAME")
    media = StoreResource(url="az://account/media", sas_token=token)
    assert dg.materialize([scores], resources={"media": media}).success
    assert handed == [Store(url="az://account/media", sas_token="sv=1&sig=x")]


def test_a_store_that_was_made_without_dagster_is_handed_on_as_it_is(tmp_path: Path) -> None:
    store = Store(url=tmp_path.as_uri())

    @dg.asset
    def scores(media: dg.ResourceParam[Store]) -> None:
        assert media is store

    assert dg.materialize([scores], resources={"media": store}).success


def test_a_store_can_be_sent_to_another_process(tmp_path: Path) -> None:
    store = Store(url=tmp_path.as_uri())
    store.write("a", b"film")
    assert pickle.loads(pickle.dumps(store)).read("a") == b"film"


def test_its_secrets_are_shown_nowhere() -> None:
    resource = StoreResource(url="az://account/media", sas_token="SECRET", account_key="SECRET")
    assert "SECRET" not in f"{resource!r} {resource}"
    with pytest.raises(ValidationError) as raised:
        StoreResource(url="az://account/media", sas_token=["SECRET"])  # type: ignore[arg-type]
    assert "SECRET" not in str(raised.value)
