"""Which shards of an hour are scored."""

import json
from dataclasses import asdict
from pathlib import Path

import polars as pl
import pytest

from pipeline_kit.storage.store import Store
from sensor_pipeline.detection.detectors import SCORES
from sensor_pipeline.hour import HourNotRead, Manifest
from sensor_pipeline.hour_scores import fetch_scores
from sensor_pipeline.object_names import Hour
from sensor_pipeline.tables import write_table
from sensor_pipeline_tests.site import at, key

HOUR = Hour(key(10))


@pytest.fixture
def ops(tmp_path: Path) -> Store:
    return Store(url=tmp_path.as_uri())


def test_shards_without_scores_of_this_version_are_missing(ops: Store) -> None:
    about = Manifest(inputs="now", version=2, shards=3, readings=1, files={})
    ops.write(HOUR.manifest, json.dumps(asdict(about)).encode())
    row = {"device": "a", "sensor": "t", "time": at(10), "detector": "d"}
    for shard, inputs in ((0, "now"), (1, "before")):
        scores = pl.DataFrame([{**row, "value": shard, "score": 0, "threshold": 1}], schema=SCORES)
        write_table(ops, HOUR.scores(shard), scores, inputs=inputs)
    found = fetch_scores(ops, HOUR)
    assert found.scores["value"].to_list() == [0.0]
    assert (found.version, found.missing, found.outdated) == (2, (1, 2), (1,))


def test_an_hour_that_was_not_read_has_no_scores(ops: Store) -> None:
    with pytest.raises(HourNotRead):
        fetch_scores(ops, HOUR)
    found = fetch_scores(ops, HOUR, must_be_read=False)
    assert (len(found.scores), found.version, found.missing) == (0, 0, ())
