import logging
from pathlib import Path

import pytest

from pipeline_kit.orchestration.checkpoint import SECONDS_BETWEEN_UPLOADS, Checkpoint
from pipeline_kit.storage.objects import StoreUnavailable
from pipeline_kit.storage.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(url=(tmp_path / "store").as_uri())


def checkpoint(store: Store, path: Path, *, fingerprint: str = "one") -> Checkpoint:
    log = logging.getLogger("run")
    return Checkpoint(store, "training/iris", fingerprint=fingerprint, path=path, log=log)


def test_what_was_uploaded_is_there_for_the_next_process(store: Store, tmp_path: Path) -> None:
    first = checkpoint(store, tmp_path / "first")
    assert not first.fetch()
    first.path.write_bytes(b"half")
    first.upload()
    second = checkpoint(store, tmp_path / "second")
    assert second.fetch()
    assert second.path.read_bytes() == b"half"


def test_a_checkpoint_of_another_training_is_deleted(store: Store, tmp_path: Path) -> None:
    first = checkpoint(store, tmp_path / "first")
    first.path.write_bytes(b"half")
    first.upload()
    assert not checkpoint(store, tmp_path / "second", fingerprint="other").fetch()
    assert store.list() == []


def test_it_is_uploaded_on_the_way_out_and_at_most_once_a_minute(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = checkpoint(store, tmp_path / "kept")
    kept.path.write_bytes(b"half")
    kept.upload_now_and_then()
    assert store.list() == []
    kept.uploaded -= SECONDS_BETWEEN_UPLOADS
    kept.upload_now_and_then()
    assert [found.size for found in store.list()] == [4]
    kept.path.write_bytes(b"even more")
    with pytest.raises(KeyboardInterrupt), kept.kept():
        raise KeyboardInterrupt
    assert [found.size for found in store.list()] == [9]


def test_storage_that_fails_does_not_end_a_training(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    kept = checkpoint(store, tmp_path / "kept")
    kept.path.write_bytes(b"half")

    def fails(*arguments: object) -> None:
        raise StoreUnavailable("no answer")

    monkeypatch.setattr(Store, "upload", fails)
    kept.upload()
    assert caplog.messages == ["the checkpoint could not be stored: no answer"]
