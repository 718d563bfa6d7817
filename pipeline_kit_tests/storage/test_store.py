import multiprocessing
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline_kit.storage.objects import ObjectNotFound, StoreError, Superseded
from pipeline_kit.storage.store import Store
from pipeline_kit_tests.storage.stored import MEBIBYTE, names


def read(store: Store, name: str) -> bytes:
    return store.read(name)


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

    def test_says_when_an_object_was_written(self, store: Store) -> None:
        written = store.write("clip", b"film")
        assert abs(written.modified - time.time()) < 3600
        (listed,) = store.list()
        assert int(listed.modified) == int(written.modified)

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

    def test_renames_to_a_name_that_is_free(self, store: Store) -> None:
        store.write("styled/a.MP4.mp4", b"film")
        assert store.rename("styled/a.MP4.mp4", "styled/a.mp4") == store.head("styled/a.mp4")
        store.write("styled/b.mp4", b"another")
        with pytest.raises(StoreError, match="cannot rename"):
            store.rename("styled/b.mp4", "styled/a.mp4")
        with pytest.raises(ObjectNotFound):
            store.rename("styled/none.mp4", "styled/c.mp4")
        assert names(store.list()) == ["styled/a.mp4", "styled/b.mp4"]
        assert store.read("styled/a.mp4") == b"film"

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

        def replace_midway(store: Store, name: str, *, etag: str) -> Iterator[bytes]:
            reading = parts(store, name, etag=etag)
            yield next(reading)
            store.write("clip", b"b" * size)
            yield from reading

        monkeypatch.setattr(Store, "_parts", replace_midway)
        (tmp_path / "got").write_bytes(b"from an earlier run")
        with pytest.raises(StoreError, match="clip"):
            store.download("clip", tmp_path / "got")
        assert (tmp_path / "got").read_bytes() == b"from an earlier run"
        assert not list(tmp_path.glob(".got*"))

    def test_deletes_an_object_or_a_folder_but_not_its_neighbors(self, store: Store) -> None:
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
            assert pool.apply(read, (store, "clip")) == b"film"
