"""The scores of a shard's hour."""

import dagster as dg
import pytest

from pipeline_kit.storage.objects import ObjectNotFound
from sensor_pipeline.hour_scores import fetch_scores
from sensor_pipeline.library import registry
from sensor_pipeline.object_names import Hour
from sensor_pipeline.partitions import shard_hour
from sensor_pipeline_tests.site import SHARDS, Site, key


def test_scores_have_value_score_threshold_and_the_detector_s_digest(scored: Site) -> None:
    found = fetch_scores(scored.ops, Hour(key(3)))
    assert found.missing == ()
    assert len(found.scores) == 8 * 360
    assert found.scores.null_count().sum_horizontal().item() == 0
    assert set(found.scores["detector"].unique()) == set(registry(scored.ops).current().values())


def test_the_metadata_say_seconds_rows_and_models_of_each_shard(scored: Site) -> None:
    made = [scored.make("scores", shard_hour(key(3), s)) for s in SHARDS]
    assert sum(each["models"] for each in made) == 8
    assert sum(each["rows"] for each in made) == 8 * 360
    assert all(each["seconds"] > 0 for each in made)


def test_scores_of_an_hour_that_was_not_read_say_what_to_do(scored: Site) -> None:
    with pytest.raises(dg.Failure) as failure:
        scored.make("scores", shard_hour(key(23), "000"))
    assert "materialize readings of this hour" in str(failure.value.description)
    with pytest.raises(ObjectNotFound):
        scored.ops.read(Hour(key(23)).scores(0))
