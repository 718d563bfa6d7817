"""Avro as Capture writes it, through a container of Azurite."""

import dagster as dg

from pipeline_kit_tests.azurite import new_container
from sensor_pipeline_tests.site import FAULT, Site, key, readings_of


def test_events_are_found_in_a_container_as_in_a_folder(azurite: str) -> None:
    media, ops = (new_container(azurite).store() for _ in range(2))
    with dg.DagsterInstance.ephemeral() as instance:
        site = Site(instance, media, ops)
        site.drop(readings_of(2, 2, faults=[FAULT]))
        site.make("readings", key(2))
        site.fit()
        site.run(3)
        (event,) = site.events(3)
    assert (event["device"], event["sensor"]) == ("press-1", "pressure")
