import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from azure.storage.blob import BlobBlock

from pipeline_kit.storage.objects import StoreError
from pipeline_kit.storage.store import Store
from pipeline_kit_tests.azurite import ACCOUNT, ACCOUNT_KEY, CROWD, CROWD_IN_AZURE, AzureContainer
from pipeline_kit_tests.storage.stored import names


class TestAContainer:
    @pytest.mark.nightly  # Azurite takes them one by one
    def test_lists_more_blobs_than_one_answer_holds(
        self, crowded_container: AzureContainer
    ) -> None:
        assert names(crowded_container.store().list("videos")) == CROWD[:CROWD_IN_AZURE]

    def test_that_is_not_there_is_not_an_empty_one(self, azurite: str) -> None:
        store = Store(url=f"az://{ACCOUNT}/missing", endpoint=azurite, account_key=ACCOUNT_KEY)
        with pytest.raises(StoreError, match=r"cannot list .*404 Not Found \(ContainerNotFound\)$"):
            store.list("videos")

    def test_that_cannot_be_reached_is_not_an_empty_one(self) -> None:
        store = Store(
            url=f"az://{ACCOUNT}/media",
            endpoint=f"http://127.0.0.1:1/{ACCOUNT}",
            account_key=ACCOUNT_KEY,
        )
        with pytest.raises(StoreError, match=r"cannot list http://127\.0\.0\.1:1/"):
            store.list("videos")

    def test_lists_everything_else_beside_a_name_that_obstore_refuses(
        self, azure_container: AzureContainer
    ) -> None:
        strange = ["videos//double.mp4", "videos/tab\tname.mp4", "videos/trailing/"]
        with azure_container.client as client:
            for name in (*strange, "videos/clip.mp4", "elsewhere.mp4"):
                client.upload_blob(name, b"film")
        store = azure_container.store()
        assert names(store.list("videos")) == sorted([*strange, "videos/clip.mp4"])
        assert store.head("videos/clip.mp4") in store.list("videos")
        below = azure_container.store("videos").list()
        assert names(below) == sorted(["/double.mp4", "tab\tname.mp4", "trailing/", "clip.mp4"])

    def test_works_with_a_sas_token(self, azure_container: AzureContainer, tmp_path: Path) -> None:
        token = azure_container.sas_token("read", "list", "write", "create", "delete")
        for sas_token in (token, f"?{token}"):
            store = Store(
                url=azure_container.url, endpoint=azure_container.endpoint, sas_token=sas_token
            )
            stored = store.write("videos/a/b.mp4", b"film")
            with azure_container.client as client:
                client.upload_blob("videos//double.mp4", b"film", overwrite=True)
            assert stored in store.list("videos")
            assert store.download("videos/a/b.mp4", tmp_path / "got", etag=stored.etag) == stored
            with azure_container.client as client:
                client.delete_blob("videos//double.mp4")
            store.delete("videos")
            assert store.list() == []

    def test_enters_with_the_identity_of_the_workload(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            "azure.identity.DefaultAzureCredential.get_token",
            lambda *_, **__: AccessToken("of-the-workload", int(time.time()) + 3600),
        )
        entered_with = []

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                entered_with.append(self.headers["Authorization"])
                self.send_error(403)

            def log_message(self, *_: object) -> None:
                pass

        with HTTPServer(("127.0.0.1", 0), Door) as server:
            Thread(target=server.handle_request).start()
            address = f"http://127.0.0.1:{server.server_port}/{ACCOUNT}"
            with pytest.raises(StoreError, match="403 Forbidden"):
                Store(url=f"az://{ACCOUNT}/media", endpoint=address).list()
        assert entered_with == ["Bearer of-the-workload"]

    def test_says_how_to_enter_where_there_is_no_identity(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def get_token(*_: object, **__: object) -> AccessToken:
            raise ClientAuthenticationError("no credential here")

        monkeypatch.setattr("azure.identity.DefaultAzureCredential.get_token", get_token)
        with pytest.raises(StoreError, match=r"no credential here.* Set sas_token, .*`az login`"):
            Store(url="az://nobody/media", endpoint="http://127.0.0.1:1/nobody").list()

    def test_gives_a_growing_append_blob_another_etag(
        self, azure_container: AzureContainer
    ) -> None:
        store = azure_container.store()
        with azure_container.client as client:
            blob = client.get_blob_client("videos/clip.mp4")
            blob.create_append_blob()
            seen = set()
            for _ in range(3):
                blob.append_block(b"film")
                seen.add(store.list("videos")[0].etag)
        assert len(seen) == 3

    def test_does_not_show_a_blob_before_it_is_committed(
        self, azure_container: AzureContainer
    ) -> None:
        with azure_container.client as client:
            blob = client.get_blob_client("videos/clip.mp4")
            blob.stage_block("1", b"film")
            assert azure_container.store().list("videos") == []
            blob.commit_block_list([BlobBlock("1")])
            assert names(azure_container.store().list("videos")) == ["videos/clip.mp4"]

    def test_lets_a_browser_play_a_film(
        self, azure_container: AzureContainer, tmp_path: Path
    ) -> None:
        (tmp_path / "film").write_bytes(b"film")
        azure_container.store().upload(tmp_path / "film", "styled/film.mp4")
        with azure_container.client as client:
            properties = client.get_blob_client("styled/film.mp4").get_blob_properties()
        assert properties.content_settings.content_type == "video/mp4"

    def test_says_where_an_object_is(self) -> None:
        store = Store(url="az://paintings/media/films", sas_token="sig=SECRET")
        assert store.location("styled/ü 1.mp4") == (
            "https://paintings.blob.core.windows.net/media/films/styled/%C3%BC%201.mp4"
        )
