from collections.abc import Iterator

import dagster as dg
import pytest

from style_pipeline.definitions import defs
from style_pipeline.partitions import chunks

CLIP = "brushwork/clip.mp4"
SLOTS = [
    dg.MultiPartitionKey({"video": CLIP, "video_chunk": slot})
    for slot in chunks.get_partition_keys()
]


class Automation:
    """Ticks of the automation sensor, and what was materialized between them."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        self.tick: dg.EvaluateAutomationConditionsResult | None = None

    def materialized(self, asset: str, *partitions: str) -> None:
        for partition in partitions:
            self.instance.report_runless_asset_event(
                dg.AssetMaterialization(asset, partition=partition)
            )

    def requests(self) -> dict[str, set[str]]:
        """Partitions that the next tick asks for, by asset."""
        cursor = self.tick.cursor if self.tick else None
        self.tick = dg.evaluate_automation_conditions(
            defs, self.instance, asset_selection=dg.AssetSelection.all(), cursor=cursor
        )
        found = {
            name: {key or "" for key in self.tick.get_requested_partitions(dg.AssetKey(name))}
            for name in ("styled_frames", "styled_video")
        }
        return {name: keys for name, keys in found.items() if keys}


@pytest.fixture
def automation() -> Iterator[Automation]:
    """One video whose audio and frames have just been materialized."""
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("videos", [CLIP])
        automation = Automation(instance)
        automation.requests()
        automation.materialized("audio", CLIP)
        automation.materialized("frames", CLIP)
        yield automation


def test_every_chunk_is_asked_for_and_the_film_once_all_are_there(automation: Automation) -> None:
    assert automation.requests() == {"styled_frames": {*SLOTS}}
    automation.materialized("styled_frames", *SLOTS[1:])
    assert automation.requests() == {}
    automation.materialized("styled_frames", SLOTS[0])
    assert automation.requests() == {"styled_video": {CLIP}}


def test_after_a_new_upload_the_film_waits_although_no_chunk_is_missing(
    automation: Automation,
) -> None:
    automation.requests()
    automation.materialized("styled_frames", *SLOTS)
    automation.requests()
    automation.materialized("styled_video", CLIP)
    assert automation.requests() == {}
    automation.materialized("audio", CLIP)
    automation.materialized("frames", CLIP)
    assert automation.requests() == {"styled_frames": {*SLOTS}}


def test_slots_that_frames_records_as_not_needed_are_not_asked_for(automation: Automation) -> None:
    automation.materialized("styled_frames", *SLOTS[2:])
    assert automation.requests() == {"styled_frames": {*SLOTS[:2]}}
