import logging
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from dagster._utils.error import serializable_error_info_from_exc_info

from pipeline_kit.storage.azure import Container
from pipeline_kit.storage.objects import StoreError
from pipeline_kit.storage.store import Store
from pipeline_kit_tests.azurite import ACCOUNT, AzureContainer


class TestSettings:
    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"url": ""}, "url: '://' should be file:///folder or az://account/container"),
            ({"url": "/data/media"}, "url: .* should be file:///folder or az://"),
            ({"url": "s3://bucket/media"}, "url: .* should be file:///folder or az://"),
            ({"url": "file://media"}, "url: .* should name a folder from the root"),
            ({"url": "file:///proc/none/media"}, "url: the folder .* cannot be created: "),
            ({"url": "file:///data#1"}, "url: .* is followed by"),
            ({"url": "az://paintings"}, "url: .* should read az://account/container"),
            ({"url": "az://Paintings/media"}, "url: .* should read az://account/container"),
            ({"url": "az://paintings/a--b"}, "url: .* should read az://account/container"),
            ({"url": "az://paintings/media/../x"}, "is not the name of an object"),
            ({"url": "az://paintings/media?sig=SECRET"}, r"url: az://paintings/media is followed"),
            ({"url": "az://a:SECRET@paintings/media"}, r"url: az://paintings/media is followed"),
            (
                {"url": "az://paintings/media", "endpoint": "http://paintings.example"},
                "endpoint: http is for this machine only: use https://paintings.example",
            ),
            (
                {"url": "az://paintings/media", "endpoint": "https://x?sig=SECRET"},
                "endpoint: it should read",
            ),
            (
                {"url": "az://paintings/media", "account_key": "SECRET"},
                "account_key: .* use sas_token, or no secret and an identity",
            ),
            (
                {
                    "url": "az://paintings/media",
                    "endpoint": "https://127.0.0.1.example",
                    "account_key": "SECRET",
                },
                "account_key: it opens the whole account",
            ),
            (
                {"url": "az://paintings/media", "account_key": "SECRET", "sas_token": "SECRET"},
                "account_key: there is a sas_token too",
            ),
        ],
    )
    def test_that_are_wrong_are_named_in_one_line_without_secrets(
        self, settings: dict[str, str], message: str
    ) -> None:
        with pytest.raises(StoreError, match=message) as raised:
            Store(**settings).list()
        assert "SECRET" not in str(raised.value)
        assert "\n" not in str(raised.value)

    def test_do_not_show_their_secrets(self) -> None:
        store = Store(url="az://paintings/media", sas_token="SECRET", account_key="SECRET")
        assert "SECRET" not in f"{store!r} {store}"

    @pytest.mark.parametrize("expired", [True, False])
    def test_keep_a_sas_token_out_of_every_error(
        self,
        azure_container: AzureContainer,
        expired: bool,
        tmp_path: Path,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        caplog.set_level(logging.DEBUG)
        token = azure_container.sas_token("read", "list", hours=-1 if expired else 1)
        signature = token.split("sig=")[1]
        endpoint = azure_container.endpoint if expired else f"http://127.0.0.1:1/{ACCOUNT}"
        store = Store(url=azure_container.url, endpoint=endpoint, sas_token=token)
        backend = store._backend
        assert isinstance(backend, Container)
        (tmp_path / "film").write_bytes(b"film")
        attempts: list[Callable[[], object]] = [
            store.list,
            lambda: store.read("a"),
            lambda: store.write("a", b""),
            lambda: store.upload(tmp_path / "film", "a"),
            lambda: store.download("a", tmp_path / "got"),
            lambda: store.delete("a"),
            lambda: list(backend._list_any_name("")),
        ]
        for attempt in attempts:
            with pytest.raises(StoreError) as raised:
                attempt()
            shown = [
                str(raised.value),
                *traceback.format_exception(raised.value),
                serializable_error_info_from_exc_info(
                    (raised.type, raised.value, raised.tb)
                ).to_string(),
                *caplog.messages,
            ]
            assert not any(signature in text for text in shown)
            assert "\n" not in str(raised.value)
