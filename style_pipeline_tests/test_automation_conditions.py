from collections.abc import Iterable, Iterator
from secrets import token_hex

import dagster as dg
import pytest
from dagster._core.events import AssetMaterializationPlannedData, DagsterEvent
from dagster._core.test_utils import create_run_for_test

from pipeline_kit.orchestration.data_versions import DATA_VERSION
from style_pipeline.assets.current_style import observed
from style_pipeline.definitions import defs
from style_pipeline.partitions import MAX_CHUNKS, chunk_key

CLIP = "brushwork/clip.mp4"
MADE = ("style_model", "audio", "frames", "look", "styled_frames", "styled_video")
SLOTS = [chunk_key(CLIP, slot) for slot in range(MAX_CHUNKS)]


class Automation:
    """Ticks of the automation sensor, and what was materialized between them."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        self.tick: dg.EvaluateAutomationConditionsResult | None = None

    def materialized(self, asset: str, *partitions: str, version: str | None = None) -> None:
        """Each is another than before, unless it is of a certain version."""
        for partition in partitions:
            data_version = version or token_hex(8)
            self.instance.report_runless_asset_event(
                dg.AssetMaterialization(
                    asset, partition=partition, tags={DATA_VERSION: data_version}
                )
            )

    def looked_at(self, video: str, *, chunks: Iterable[str] = SLOTS) -> None:
        """What `look` leaves of a video that needs these chunks, in its order."""
        self.materialized("chunk_plan", *chunks)
        self.materialized("look", video)

    def stands_for(self, version: str) -> None:
        """What the sensor notes about the video's folder."""
        self.instance.report_runless_asset_event(
            observed(CLIP, version, model_hash=version, settings="")
        )

    def requests(self) -> dict[str, set[str]]:
        """Partitions that the next tick asks for, by asset."""
        cursor = self.tick.cursor if self.tick else None
        self.tick = dg.evaluate_automation_conditions(
            defs, self.instance, asset_selection=dg.AssetSelection.all(), cursor=cursor
        )
        found = {
            name: {key or "" for key in self.tick.get_requested_partitions(dg.AssetKey(name))}
            for name in MADE
        }
        return {name: keys for name, keys in found.items() if keys}


@pytest.fixture
def automation() -> Iterator[Automation]:
    """One video, which needs all slots, whose audio, frames and look were just materialized."""
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("videos", [CLIP])
        automation = Automation(instance)
        automation.stands_for("v1")
        automation.requests()
        automation.materialized("audio", CLIP)
        automation.materialized("frames", CLIP)
        automation.looked_at(CLIP)
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
    for asset in ("audio", "frames"):
        automation.materialized(asset, CLIP)
    automation.looked_at(CLIP, chunks=SLOTS[:3])
    assert automation.requests() == {"styled_frames": {*SLOTS[:3]}}
    assert automation.requests() == {}, "one that failed is not asked for again, nor the film"
    automation.materialized("styled_frames", *SLOTS[:2])
    assert automation.requests() == {}
    automation.materialized("styled_frames", SLOTS[2])
    assert automation.requests() == {"styled_video": {CLIP}}


@pytest.fixture
def painted(automation: Automation) -> Automation:
    """The video is a film."""
    automation.requests()
    automation.materialized("styled_frames", *SLOTS)
    automation.requests()
    automation.materialized("styled_video", CLIP)
    assert automation.requests() == {}
    return automation


def test_nothing_is_asked_for_when_a_style_was_trained_again(painted: Automation) -> None:
    painted.instance.add_dynamic_partitions("styles", ["brushwork"])
    painted.materialized("style_model", "brushwork")
    assert painted.requests() == {}
    painted.stands_for("v2")
    for _ in range(2):
        assert painted.requests() == {}


def test_a_training_while_a_film_is_painted_neither_starts_nor_stops_anything(
    automation: Automation,
) -> None:
    automation.requests()
    automation.stands_for("v2")
    automation.materialized("styled_frames", *SLOTS)
    assert automation.requests() == {"styled_video": {CLIP}}
    automation.stands_for("v3")
    assert automation.requests() == {}


def test_a_look_that_is_renewed_is_followed_by_the_chunks_that_are_needed_and_the_film(
    painted: Automation,
) -> None:
    painted.stands_for("v2")
    painted.requests()
    painted.looked_at(CLIP, chunks=SLOTS[:2])
    assert painted.requests() == {"styled_frames": {*SLOTS[:2]}}
    painted.materialized("styled_frames", *SLOTS[:2])
    assert painted.requests() == {"styled_video": {CLIP}}


@pytest.mark.parametrize("asset", ["audio", "look", "styled_frames"])
def test_what_is_made_again_is_followed_by_a_film_only_if_it_is_another(
    painted: Automation, asset: str
) -> None:
    partition = SLOTS[0] if asset == "styled_frames" else CLIP
    painted.materialized(asset, partition, version="1")
    assert painted.requests() == {"styled_video": {CLIP}}
    painted.materialized("styled_video", CLIP)
    painted.materialized(asset, partition, version="1")
    assert painted.requests() == {}
    painted.materialized(asset, partition, version="2")
    assert painted.requests() == {"styled_video": {CLIP}}


def test_a_film_that_failed_is_tried_again_when_something_was_made_again(
    painted: Automation,
) -> None:
    painted.materialized("styled_frames", SLOTS[0], version="1")
    assert painted.requests() == {"styled_video": {CLIP}}
    plan(painted.instance, dg.AssetKey("styled_video"), CLIP, status=dg.DagsterRunStatus.FAILURE)
    assert painted.requests() == {}
    painted.materialized("styled_frames", SLOTS[0], version="1")
    assert painted.requests() == {"styled_video": {CLIP}}


def test_chunks_wait_for_the_look(automation: Automation) -> None:
    other = "brushwork/other.mp4"
    automation.instance.add_dynamic_partitions("videos", [other])
    automation.requests()
    automation.materialized("frames", other)
    automation.materialized("chunk_plan", chunk_key(other, 0))
    assert automation.requests() == {}
    automation.materialized("look", other)
    assert automation.requests() == {"styled_frames": {chunk_key(other, 0)}}


def plan(
    instance: dg.DagsterInstance,
    asset: dg.AssetKey,
    partition: str,
    *,
    status: dg.DagsterRunStatus = dg.DagsterRunStatus.NOT_STARTED,
) -> None:
    """What Dagster notes when a run of that partition is created."""
    planned = AssetMaterializationPlannedData(asset, partition=partition)
    instance.report_dagster_event(
        DagsterEvent.build_asset_materialization_planned_event("job", "step", planned),
        run_id=create_run_for_test(instance, status=status).run_id,
    )
