"""Hours that lack shards, though nothing followed from these when they came."""

import pytest

from sensor_pipeline.partitions import shard_hour
from sensor_pipeline.plant import capture
from sensor_pipeline.sensors.incomplete_hours import incomplete_hours
from sensor_pipeline_tests.polls import Poll
from sensor_pipeline_tests.site import Site, at, capture_name, key, readings_of

# Dagster's own tags of a shard's run are such.
pytestmark = pytest.mark.filterwarnings("ignore:Non-compliant tag keys:DeprecationWarning")


@pytest.fixture
def site(site: Site) -> Site:
    """With an hour that was read."""
    site.drop(readings_of(1))
    site.make("readings", key(1))
    return site


def test_an_hour_whose_last_shard_came_unnoticed_is_completed(site: Site) -> None:
    poll = Poll(site, incomplete_hours)
    assert poll() == []
    site.make("scores", shard_hour(key(1), "000"))
    site.make("anomalies", key(1))
    assert poll() == [], "a shard that failed is left to people"
    site.make("scores", shard_hour(key(1), "001"))
    assert poll() == [key(1)]
    site.make("anomalies", key(1))
    assert poll() == []


def test_a_shard_of_a_version_before_is_scored_again(site: Site) -> None:
    site.score(1)
    site.media.write(capture_name(at(1, 59)), capture(readings_of(1).tail(8), first=10**6))
    site.make("readings", key(1))
    site.make("scores", shard_hour(key(1), "000"))
    assert site.make("anomalies", key(1))["missing_shards"] == "001"
    assert Poll(site, incomplete_hours)() == [f"{key(1)}|001"]
