import logging
import multiprocessing
import os
import resource
import signal
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError, ResourceNotFoundError
from azure.storage.blob import BlobBlock
from dagster._utils.error import serializable_error_info_from_exc_info
from pydantic import ValidationError

from style_pipeline.resources.stores import (
    ObjectNotFound,
    Store,
    StoredObject,
    StoreError,
    Superseded,
)
from style_pipeline.storage.container import Container
from style_pipeline_tests.azurite import ACCOUNT, ACCOUNT_KEY, CROWD, CROWD_IN_AZURE, AzureContainer

MEBIBYTE = 1 << 20


@pytest.fixture
def folder(tmp_path: Path) -> Store:
    return Store(url=(tmp_path / "store").as_uri())


@pytest.fixture(params=["folder", "azure", "azure below a prefix"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "folder":
        found: Store = request.getfixturevalue("folder")
        return found
    container: AzureContainer = request.getfixturevalue("azure_container")
    return container.store("some/prefix" if "prefix" in request.param else "")


def names(found: Iterable[StoredObject]) -> list[str]:
    return [each.name for each in found]


def settings(store: Store) -> dict[str, str]:
    """What makes the same store in another process: Dagster's resources cannot be pickled."""
    return {field: getattr(store, field) for field in type(store).model_fields}


def read(settings: dict[str, str], name: str) -> bytes:
    return Store(**settings).read(name)


class TestEveryStore:
    def test_gives_back_what_was_written(self, store: Store) -> None:
        written = store.write("work/clip.mp4/frames.parquet", b"rows")
        assert written.size == 4
        assert store.read("work/clip.mp4/frames.parquet") == b"rows"
        assert store.head("work/clip.mp4/frames.parquet") == written

    def test_lists_what_is_below_a_folder_as_head_describes_it(self, store: Store) -> None:
        for name in ("videos/b/2.mp4", "videos/a/1.mp4", "videosx/3.mp4", "top.mp4"):
            store.write(name, name.encode())
        assert names(store.list("videos")) == ["videos/a/1.mp4", "videos/b/2.mp4"]
        assert store.list("videos/") == store.list("videos")
        assert store.list("videos") == [store.head(name) for name in names(store.list("videos"))]
        assert len(store.list()) == 4

    def test_finds_nothing_in_a_folder_that_is_not_there(self, store: Store) -> None:
        assert store.list("videos") == []

    @pytest.mark.parametrize(
        "name",
        ["ü ß.mp4", "100%.mp4", "a%20b.mp4", "a%2Fb.mp4", "a#1.mp4", "a?b=1&c.mp4", "a+b.mp4"],
    )
    def test_keeps_a_name_as_it_is(self, store: Store, name: str, tmp_path: Path) -> None:
        store.write(f"videos/{name}", b"film")
        assert names(store.list("videos")) == [f"videos/{name}"]
        store.download(f"videos/{name}", tmp_path / "got")
        assert (tmp_path / "got").read_bytes() == b"film"

    def test_tells_two_versions_of_the_same_bytes_apart(self, store: Store) -> None:
        assert store.write("clip", b"film").etag != store.write("clip", b"film").etag

    @pytest.mark.parametrize("size", [0, 1, 9 * MEBIBYTE + 1])
    def test_uploads_and_downloads_a_file_bit_for_bit(
        self, store: Store, size: int, tmp_path: Path
    ) -> None:
        source = tmp_path / "source"
        source.write_bytes(os.urandom(size))
        stored = store.upload(source, "styled/film.mp4")
        assert stored.size == size
        assert store.download("styled/film.mp4", tmp_path / "got", etag=stored.etag) == stored
        assert (tmp_path / "got").read_bytes() == source.read_bytes()

    def test_says_what_is_not_there(self, store: Store, tmp_path: Path) -> None:
        for attempt in (
            lambda: store.head("videos/none.mp4"),
            lambda: store.read("videos/none.mp4"),
            lambda: store.download("videos/none.mp4", tmp_path / "got"),
        ):
            with pytest.raises(ObjectNotFound, match=r"videos/none\.mp4 does not exist$"):
                attempt()

    def test_downloads_only_the_version_asked_for(self, store: Store, tmp_path: Path) -> None:
        old = store.write("clip", b"old")
        store.write("clip", b"new")
        with pytest.raises(Superseded, match="clip was replaced"):
            store.download("clip", tmp_path / "got", etag=old.etag)
        assert not any(path.name.startswith((".got", "got")) for path in tmp_path.iterdir())

    @pytest.mark.parametrize("size", [9 * MEBIBYTE, 8 * MEBIBYTE])
    def test_notices_that_an_object_changes_while_it_is_read(
        self, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
    ) -> None:
        store.write("clip", b"a" * 9 * MEBIBYTE)
        parts = Store._parts

        def replace_midway(store: Store, wanted: StoredObject) -> Iterator[bytes]:
            reading = parts(store, wanted)
            yield next(reading)
            store.write("clip", b"b" * size)
            yield from reading

        monkeypatch.setattr(Store, "_parts", replace_midway)
        (tmp_path / "got").write_bytes(b"from an earlier run")
        with pytest.raises(StoreError, match="clip"):
            store.download("clip", tmp_path / "got")
        assert (tmp_path / "got").read_bytes() == b"from an earlier run"
        assert not list(tmp_path.glob(".got*"))

    def test_deletes_an_object_or_a_folder_but_not_its_neighbours(self, store: Store) -> None:
        for name in ("a/1", "a/b/2", "a.mp4", "ab/3", "c"):
            store.write(name, b"")
        store.delete("a")
        store.delete("c")
        assert names(store.list()) == ["a.mp4", "ab/3"]
        store.delete("a")

    @pytest.mark.parametrize(
        "name", ["../up", "a/../../up", "/etc/passwd", "a//b", "", "a\nb", "."]
    )
    def test_refuses_a_name_that_could_leave_the_root(
        self, store: Store, name: str, tmp_path: Path
    ) -> None:
        for attempt in (store.head, store.read, store.delete, lambda name: store.write(name, b"")):
            with pytest.raises(StoreError, match="is not the name of an object"):
                attempt(name)

    def test_works_in_a_spawned_process(self, store: Store) -> None:
        store.write("clip", b"film")
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            assert pool.apply(read, (settings(store), "clip")) == b"film"


def peak_memory() -> int:
    """Bytes. Not getrusage's where /proc is: it starts from what the parent process had."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def transfer(settings: dict[str, str], path: Path, *, upload: bool) -> int:
    """Peak memory, in bytes, that the transfer of a film added to this process."""
    store = Store(**settings)
    store.write("first", b"everything is loaded now")
    before = peak_memory()
    if upload:
        store.upload(path, "film")
    else:
        store.download("film", path)
    return peak_memory() - before


@pytest.mark.parametrize("store", ["folder", "azure"], indirect=True)
@pytest.mark.parametrize("upload", [True, False])
def test_a_large_film_passes_through_little_memory(
    store: Store, upload: bool, tmp_path: Path
) -> None:
    film = tmp_path / "film"
    with film.open("wb") as file:
        file.truncate(200 * MEBIBYTE)
    if not upload:
        store.upload(film, "film")
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        used = pool.apply(transfer, (settings(store), film), {"upload": upload})
    assert used < 64 * MEBIBYTE


def upload(settings: dict[str, str], source: Path) -> None:
    Store(**settings).upload(source, "videos/film")


@pytest.mark.parametrize("store", ["folder", "azure"], indirect=True)
def test_a_killed_upload_leaves_nothing_to_be_seen_and_can_be_repeated(
    store: Store, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    film = tmp_path / "film"
    with film.open("wb") as file:
        file.truncate(600 * MEBIBYTE)

    def has_begun() -> bool:
        if store.url.startswith("file:"):
            return any((tmp_path / "store").rglob("film#*"))
        container: AzureContainer = request.getfixturevalue("azure_container")
        with container.client as client:
            try:
                _, blocks = client.get_blob_client("videos/film").get_block_list("uncommitted")
            except ResourceNotFoundError:
                return False
        return bool(blocks)

    writer = multiprocessing.get_context("spawn").Process(
        target=upload, args=(settings(store), film)
    )
    writer.start()
    while not has_begun():
        assert writer.exitcode is None
        time.sleep(0.001)
    writer.kill()
    writer.join()
    assert writer.exitcode == -signal.SIGKILL
    assert store.list() == []
    with pytest.raises(ObjectNotFound):
        store.head("videos/film")
    with film.open("wb") as file:
        file.truncate(9 * MEBIBYTE)
    stored = store.upload(film, "videos/film")
    assert store.list("videos") == [stored]


class TestAFolder:
    def test_is_made_where_it_is_not(self, tmp_path: Path) -> None:
        Store(url=(tmp_path / "new/media").as_uri()).write("a", b"")
        assert (tmp_path / "new/media/a").exists()

    def test_that_is_gone_is_not_an_empty_one(self, folder: Store, tmp_path: Path) -> None:
        folder.list()
        (tmp_path / "store").rename(tmp_path / "elsewhere")
        with pytest.raises(StoreError, match="is gone: is its disk mounted"):
            folder.list("videos")

    def test_that_cannot_be_read_is_not_an_empty_one(
        self, folder: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder.write("videos/shut/clip.mp4", b"film")
        scandir = os.scandir

        def shut(path: Path) -> object:
            if path.name == "shut":
                raise PermissionError(13, "Permission denied", str(path))
            return scandir(path)

        monkeypatch.setattr(os, "scandir", shut)
        with pytest.raises(StoreError, match=r"cannot list .*Permission denied"):
            folder.list("videos")

    def test_hides_what_a_killed_writer_left(self, folder: Store, tmp_path: Path) -> None:
        folder.write("videos/clip.mp4", b"film")
        (tmp_path / "store/videos/clip.mp4#1").write_bytes(b"fi")
        assert names(folder.list()) == ["videos/clip.mp4"]

    def test_follows_a_link_that_stays_inside(self, folder: Store, tmp_path: Path) -> None:
        folder.write("videos/a/clip.mp4", b"film")
        (tmp_path / "store/videos/b").mkdir()
        (tmp_path / "store/videos/b/clip.mp4").symlink_to("../a/clip.mp4")
        assert names(folder.list()) == ["videos/a/clip.mp4", "videos/b/clip.mp4"]
        assert folder.read("videos/b/clip.mp4") == b"film"

    def test_refuses_a_link_that_leads_out(
        self, folder: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        folder.write("videos/clip.mp4", b"film")
        (tmp_path / "outside").mkdir()
        (tmp_path / "outside/secret.mp4").write_bytes(b"secret")
        (tmp_path / "store/videos/link.mp4").symlink_to(tmp_path / "outside/secret.mp4")
        (tmp_path / "store/videos/linked").symlink_to(tmp_path / "outside")
        for _ in range(2):
            assert names(folder.list()) == ["videos/clip.mp4"]
        assert sorted(caplog.messages) == [
            f"{tmp_path}/store/videos/{link} leads out of its store and is left out: copy it"
            for link in ("link.mp4", "linked")
        ]
        for name in ("videos/link.mp4", "videos/linked/secret.mp4"):
            for attempt in (folder.head, folder.read, folder.delete, folder.list):
                with pytest.raises(StoreError, match="copy the file instead of linking"):
                    attempt(name)
            with pytest.raises(StoreError, match="copy the file instead of linking"):
                folder.write(name, b"overwritten")
            with pytest.raises(StoreError, match="copy the file instead of linking"):
                folder.download(name, tmp_path / "got")
        assert (tmp_path / "outside/secret.mp4").read_bytes() == b"secret"

    def test_lists_everything_else_beside_what_it_cannot_give(
        self, folder: Store, tmp_path: Path
    ) -> None:
        folder.write("videos/clip.mp4", b"film")
        videos = tmp_path / "store/videos"
        (videos / "nowhere.mp4").symlink_to(videos / "none.mp4")
        (videos / "circle.mp4").symlink_to(videos / "circle.mp4")
        (videos / "loop").symlink_to(videos)
        os.mkfifo(videos / "pipe.mp4")
        (videos / "line\nbreak.mp4").write_bytes(b"film")
        Path(os.fsdecode(os.fsencode(videos) + b"/\xff.mp4")).write_bytes(b"film")
        assert names(folder.list()) == [
            "videos/clip.mp4",
            "videos/line\nbreak.mp4",
            "videos/\N{REPLACEMENT CHARACTER}.mp4",
        ]

    def test_gives_a_changed_file_another_etag(self, folder: Store, tmp_path: Path) -> None:
        before = folder.write("videos/clip.mp4", b"film")
        with (tmp_path / "store/videos/clip.mp4").open("ab") as file:
            file.write(b" and more")
        assert folder.head("videos/clip.mp4").etag != before.etag

    def test_lists_ten_thousand_files_at_once(self, folder: Store, tmp_path: Path) -> None:
        (tmp_path / "store/videos/brushwork").mkdir(parents=True)
        for name in CROWD:
            (tmp_path / "store" / name).touch()
        assert names(folder.list("videos")) == CROWD

    def test_says_where_an_object_is(self, folder: Store, tmp_path: Path) -> None:
        assert folder.location("styled/ü.mp4") == f"{tmp_path}/store/styled/ü.mp4"


class TestAContainer:
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
        with pytest.raises(ValidationError) as raised:
            Store(url="az://paintings/media", sas_token=["SECRET"])  # type: ignore[arg-type]
        assert "SECRET" not in str(raised.value)

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
