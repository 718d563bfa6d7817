"""What detectors of a shard are made of."""

from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from sensor_pipeline.detection.detector_file import save_detectors
from sensor_pipeline.detection.detectors import Detectors
from sensor_pipeline.library import current_detectors
from sensor_pipeline.partitions import SETTINGS
from sensor_pipeline_tests.site import SHARDS, Site, key, readings_of


def test_what_was_flagged_is_not_learned_from(scored: Site) -> None:
    # The latest fifth is held back: the fault is in the rest once two hours followed.
    scored.drop(readings_of(4, 2, seed=3), first=10**6)
    for hour in (4, 5):
        scored.make("readings", key(hour))
    assert sum(each["flagged_and_left_out"] for each in scored.fit()) == 18


def test_imported_detectors_stay_until_they_are_to_be_fitted_again(
    scored: Site, tmp_path: Path
) -> None:
    found = current_detectors(scored.ops, 0, len(SHARDS), folder=tmp_path)
    assert found
    stranger = replace(next(iter(found[0].by_sensor.values())), threshold=7.0)
    save_detectors(tmp_path / "mine", Detectors.of(found[0].features, [stranger]))
    scored.media.write("detectors/mine.safetensors", (tmp_path / "mine").read_bytes())

    def made(**config: object) -> tuple[int, int, float]:
        told = scored.make("detectors", "000", **config)
        now = current_detectors(scored.ops, 0, len(SHARDS), folder=tmp_path)
        assert now
        detector = now[0].by_sensor[stranger.device, stranger.sensor]
        return told["models"], told["imported"], detector.threshold

    all_of_them = len(found[0])
    assert made(import_from="detectors/mine.safetensors") == (all_of_them, 1, 7.0)
    assert made() == (all_of_them, 1, 7.0)
    assert made(refit_imported=True) == (all_of_them, 0, SETTINGS.recipe.threshold)


def test_a_file_that_holds_no_detectors_is_named(site: Site) -> None:
    site.media.write("detectors/mine.safetensors", b"none")
    with pytest.raises(dg.Failure) as failure:
        site.make("detectors", "000", import_from="detectors/mine.safetensors")
    assert "detectors/mine.safetensors: it is no safetensors file" in str(failure.value.description)
