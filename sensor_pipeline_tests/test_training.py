"""What is learned from, and what stays."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from pipeline_kit.storage.store import Store
from sensor_pipeline.detection.detector_file import BadDetectors, save_detectors
from sensor_pipeline.detection.detectors import IMPORTED, Detectors
from sensor_pipeline.detection.fit import Recipe, fit_all
from sensor_pipeline.object_names import Hour
from sensor_pipeline.readings.names import key_of
from sensor_pipeline.training import flagged_share, hold_back, imported, recent_hours, train
from sensor_pipeline_tests.detection.series import START, noise, windows
from sensor_pipeline_tests.site import key

X, Y = ("a", "x"), ("a", "y")
RECIPE = Recipe()


def marked(*flagged: int, count: int = 500) -> pl.DataFrame:
    """Windows of two sensors, of the first of which those are flagged."""
    table = windows({"x": noise(count), "y": noise(count, 1)}).with_row_index()
    return table.with_columns(flagged=pl.col("index").is_in(flagged)).drop("index")


@pytest.mark.parametrize(("hours", "held"), [(10, 2), (120, 24), (240, 24)])
def test_the_last_fifth_is_held_back_and_at_most_a_day(hours: int, held: int) -> None:
    times = [START + timedelta(hours=n) for n in range(hours + 1)]
    learned, tried = hold_back(pl.DataFrame({"time": times}))
    assert len(learned) + len(tried) == len(times)
    assert len(tried) == held
    assert learned["time"].to_list() == times[: len(learned)]


def test_nothing_is_learned_from_nothing() -> None:
    empty = marked().clear()
    trained = train(empty, RECIPE, before=None)
    assert (len(trained.detectors), trained.windows, trained.support) == (0, 0, 0.0)
    assert flagged_share(empty, trained.detectors) == 0


def test_flagged_windows_are_left_out_unless_they_are_the_new_normal() -> None:
    some = train(marked(*range(20)), RECIPE, before=None)
    assert (some.left_out, some.windows) == (20, 800 - 20)
    most = train(marked(*range(300)), RECIPE, before=None)
    assert most.left_out == 0


def test_detectors_of_sensors_that_are_silent_stay_where_they_see_the_same() -> None:
    before = fit_all(windows({"gone": noise(100)}), RECIPE).detectors
    silent = ("a", "gone")
    assert {*train(marked(), RECIPE, before=before).detectors.by_sensor} == {X, Y, silent}
    other = Recipe(features=("value", "change"))
    assert {*train(marked(), other, before=before).detectors.by_sensor} == {X, Y}


def test_imported_detectors_stay_until_they_are_to_be_refitted() -> None:
    theirs = fit_all(windows({"x": noise(100)}), RECIPE).detectors.by_sensor[X]
    before = Detectors.of(RECIPE.features, [replace(theirs, origin=IMPORTED)])
    kept = train(marked(), RECIPE, before=before).detectors.by_sensor
    assert kept[X] is before.by_sensor[X]
    again = train(marked(), RECIPE, before=before, refit_imported=True).detectors.by_sensor
    assert again[X].origin != IMPORTED


def test_of_what_was_held_back_the_flagged_share_is_told() -> None:
    table = marked()
    detectors = train(table, RECIPE, before=None).detectors
    assert flagged_share(table, detectors) < 0.02
    odd = table.with_columns(value=pl.when(pl.col("sensor") == "x").then(999.0).otherwise("value"))
    assert flagged_share(odd, detectors) == pytest.approx(0.5, abs=0.02)


def test_hours_are_recent_by_the_last_that_was_read(tmp_path: Path) -> None:
    ops = Store(url=tmp_path.as_uri())
    assert recent_hours(ops, days=1) == []
    for hours in (0, 1, 24, 25):
        name = key_of(START + timedelta(hours=hours))
        ops.write(Hour(name).manifest, b"{}")
    assert [hour.key for hour in recent_hours(ops, days=1)] == [
        "2026-03-02-00:00",
        "2026-03-02-01:00",
    ]
    assert recent_hours(ops, days=2)[0] == Hour(key(0))


def test_of_a_file_that_is_brought_a_shard_takes_its_sensors(tmp_path: Path) -> None:
    media = Store(url=(tmp_path / "media").as_uri())
    names = [f"t{number}" for number in range(6)]
    found = fit_all(windows({name: noise(100) for name in names}), RECIPE).detectors
    save_detectors(tmp_path / "mine", found)
    media.write("mine.safetensors", (tmp_path / "mine").read_bytes())

    def brought(shard: int, features: Sequence[str] = RECIPE.features) -> Detectors:
        return imported(media, "mine.safetensors", shard, 2, features=features, folder=tmp_path)

    parts = [brought(shard) for shard in (0, 1)]
    assert all(0 < len(part) < 6 for part in parts)
    assert sorted(name for part in parts for name in part.by_sensor) == sorted(found.by_sensor)
    with pytest.raises(BadDetectors, match=r"features are value, and those of all .* value,spread"):
        brought(0, ("value", "spread"))
    media.write("mine.safetensors", b"none")
    with pytest.raises(BadDetectors, match=r"mine\.safetensors: it is no safetensors file"):
        brought(0)
