"""The detectors that there are: in the kit's registry, a file a shard."""

from collections.abc import Iterator
from pathlib import Path

from pipeline_kit.models.registry import Registry
from pipeline_kit.storage.store import Store
from sensor_pipeline.detection.detector_file import load_detectors, save_detectors
from sensor_pipeline.detection.detectors import Detector, Detectors
from sensor_pipeline.object_names import DETECTORS
from sensor_pipeline.readings.windows import shard_of


def registry(ops: Store) -> Registry:
    """Models are named by the count of shards and the shard: `4-003`."""
    return Registry(store=ops, suffix=".safetensors", folder=DETECTORS)


def model_name(shard: int, shards: int) -> str:
    return f"{shards}-{shard:03}"


def fitted_shards(ops: Store, shards: int) -> set[int]:
    """Those of this count that have a file."""
    names = registry(ops).current()
    return {shard for shard in range(shards) if model_name(shard, shards) in names}


def current_detectors(
    ops: Store, shard: int, shards: int, *, folder: Path
) -> tuple[Detectors, str] | None:
    """The shard's detectors and the digest of their file; None where there are none.

    After the count of shards was changed, and before the next fit, they are gathered from the
    files of the counts before, and published as the shard's own.
    """
    models = registry(ops)
    current = models.current()
    name = model_name(shard, shards)
    if name in current:
        path = models.fetch(name, current[name], folder)
        return load_detectors(path), current[name]
    by_features: dict[tuple[str, ...], list[Detector]] = {}
    for other, version in current.items():
        found = load_detectors(models.fetch(other, version, folder))
        by_features.setdefault(found.features, []).extend(of_shard(found, shard, shards))
    if not any(by_features.values()):
        return None
    features, most = max(by_features.items(), key=lambda item: len(item[1]))
    detectors = Detectors.of(features, most)
    return detectors, publish(ops, shard, shards, detectors, folder=folder)


def publish(ops: Store, shard: int, shards: int, detectors: Detectors, *, folder: Path) -> str:
    """Make them the shard's current ones; returns the digest of their file."""
    path = folder / "detectors.safetensors"
    save_detectors(path, detectors)
    return registry(ops).publish(model_name(shard, shards), path)


def of_shard(detectors: Detectors, shard: int, shards: int) -> Iterator[Detector]:
    """Those whose sensors belong to the shard."""
    for (device, sensor), detector in detectors.by_sensor.items():
        if shard_of(device, sensor, shards) == shard:
            yield detector
