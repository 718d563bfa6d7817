"""What is deleted when it is old, of a site that ran."""

from sensor_pipeline.object_names import Hour
from sensor_pipeline.retention import delete_old
from sensor_pipeline_tests.site import Site, at, key


def test_what_is_old_is_deleted_and_readings_stay(scored: Site) -> None:
    raw = scored.media.list("readings")
    count = delete_old(scored.media, scored.ops, before=at(3))
    # Of each of three hours: windows of two shards, and what they were made of.
    assert count == 9
    left = {each.name for each in (*scored.media.list("anomalies"), *scored.ops.list("sensors"))}
    assert not [name for name in left if any(f"T0{hour}" in name for hour in range(3))]
    hour = Hour(key(3))
    assert {hour.manifest, hour.windows(0), hour.scores(1), hour.anomalies("png")} <= left
    assert scored.media.list("readings") == raw
    assert delete_old(scored.media, scored.ops, before=at(4)) > 5
    assert scored.media.list("anomalies") == []
