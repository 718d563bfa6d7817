from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline_kit.models.registry import DamagedModel, Registry, sha256_of
from pipeline_kit.storage.objects import ObjectNotFound
from pipeline_kit.storage.store import Store


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(store=Store(url=(tmp_path / "store").as_uri()), suffix=".onnx")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"weights")
    return path


HASH = sha256(b"weights").hexdigest()


def test_a_model_is_kept_under_its_hash_and_is_current(
    registry: Registry, model: Path, tmp_path: Path
) -> None:
    assert registry.publish("iris", model) == HASH == sha256_of(model)
    assert registry.current() == {"iris": HASH}
    names = [found.name for found in registry.store.list()]
    assert names == [f"models/iris/{HASH}.onnx", "models/iris/current"]
    assert registry.fetch("iris", HASH, tmp_path).read_bytes() == b"weights"


def test_a_version_stays_when_another_is_published(
    registry: Registry, model: Path, tmp_path: Path
) -> None:
    registry.publish("iris", model)
    model.write_bytes(b"other weights")
    other = registry.publish("iris", model)
    assert registry.current() == {"iris": other}
    assert registry.fetch("iris", HASH, tmp_path).read_bytes() == b"weights"


def test_a_publication_that_dies_changes_nothing(
    registry: Registry, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.publish("iris", model)
    model.write_bytes(b"other weights")

    def dies(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Store, "write", dies)
        with pytest.raises(KeyboardInterrupt):
            registry.publish("iris", model)
    assert registry.current() == {"iris": HASH}


def test_a_pointer_to_nothing_counts_for_nothing(registry: Registry) -> None:
    registry.store.write("models/iris/current", HASH.encode())
    for content in (b"", b"\xff", b"not a hash", b"../../secret"):
        registry.store.write("models/rose/current", content)
        assert registry.current() == {}


def test_a_model_that_is_gone_or_damaged_is_named(
    registry: Registry, model: Path, tmp_path: Path
) -> None:
    with pytest.raises(ObjectNotFound, match=f"version {HASH[:12]} of 'iris' is gone"):
        registry.fetch("iris", HASH, tmp_path)
    registry.publish("iris", model)
    registry.store.write(f"models/iris/{HASH}.onnx", b"tampered")
    with pytest.raises(DamagedModel, match="publish the model again"):
        registry.fetch("iris", HASH, tmp_path)


def test_pointers_of_several_names_share_versions_and_choose_for_themselves(
    registry: Registry, model: Path, tmp_path: Path
) -> None:
    registry.publish("iris", model)
    model.write_bytes(b"other weights")
    draft = replace(registry, pointer="draft")
    other = draft.publish("iris", model)
    assert (registry.current(), draft.current()) == ({"iris": HASH}, {"iris": other})
    draft.withdraw("iris")
    assert (registry.current(), draft.current()) == ({"iris": HASH}, {})
    assert registry.fetch("iris", other, tmp_path).read_bytes() == b"other weights"
