"""A third kind of storage is one class and one line: here, a dictionary."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import SplitResult

import pytest

from pipeline_kit.storage.backends import BACKENDS, StoreAddress
from pipeline_kit.storage.objects import ObjectNotFound, StoredObject, StoreError, Superseded
from pipeline_kit.storage.store import Store


class Memory:
    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    def list(self, prefix: str) -> Iterator[StoredObject]:
        folder = f"{prefix}/" if prefix else ""
        return (self.head(name) for name in self.held if name.startswith(folder))

    def head(self, name: str) -> StoredObject:
        if name not in self.held:
            raise FileNotFoundError(name)
        data = self.held[name]
        return StoredObject(name, len(data), sha256(data).hexdigest())

    def get(self, name: str, *, etag: str | None = None) -> Iterator[bytes]:
        if etag not in (None, self.head(name).etag):
            raise Superseded(name)
        yield self.held[name]

    def put(self, name: str, data: bytes | Path) -> None:
        self.held[name] = data if isinstance(data, bytes) else data.read_bytes()

    def delete(self, name: str) -> None:
        for found in list(self.held):
            if found == name or found.startswith(f"{name}/"):
                del self.held[found]

    def rename(self, name: str, to: str) -> None:
        if to in self.held:
            raise FileExistsError(to)
        self.held[to] = self.held.pop(name)

    def location(self, name: str) -> str:
        return f"memory:///{name}"


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    memory = Memory()

    def open_memory(url: SplitResult, address: StoreAddress) -> Memory:
        return memory

    monkeypatch.setitem(BACKENDS, "memory", open_memory)
    return Store(url=f"memory://{tmp_path}")


def test_objects_are_written_read_listed_and_deleted(store: Store, tmp_path: Path) -> None:
    (tmp_path / "film").write_bytes(b"film")
    assert store.upload(tmp_path / "film", "a/b").size == 4
    store.write("a/c", b"")
    assert [found.name for found in store.list("a")] == ["a/b", "a/c"]
    store.download("a/b", tmp_path / "got", etag=store.head("a/b").etag)
    assert (tmp_path / "got").read_bytes() == store.read("a/b") == b"film"
    assert store.rename("a/c", "a/d").name == "a/d"
    store.delete("a")
    assert store.list() == []


def test_what_goes_wrong_is_said_as_by_every_store(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ObjectNotFound, match="memory:///a does not exist"):
        store.read("a")
    store.write("a", b"film")
    with pytest.raises(Superseded):
        store.download("a", tmp_path / "got", etag="older")
    with pytest.raises(StoreError, match="there are links to containers only"):
        store.upload_link("a", hours=1)
