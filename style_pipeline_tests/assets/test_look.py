import json
from pathlib import Path

import dagster as dg
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContextForTest

from style_pipeline.assets.current_style import observed
from style_pipeline.definitions import defs
from style_pipeline.intake.reports import read_report, report_name
from style_pipeline.look.look import version_of
from style_pipeline.look.style_toml import MAX_SETTINGS_BYTES
from style_pipeline.partitions import MAX_CHUNKS, chunk_key
from style_pipeline.resources.models import trained_styles
from style_pipeline.work_files import nearest_settings
from style_pipeline_tests.assets.journey import CHUNKS, CLIP, Journey, failure, retries
from style_pipeline_tests.clips import make_clip
from style_pipeline_tests.runs import remember

GRAPH = defs.resolve_asset_graph()
SETTINGS = "videos/small/style.toml"


def stale(journey: Journey) -> set[str]:
    """Assets whose partition of the clip Dagster shows as stale."""
    resolver = CachingStaleStatusResolver(
        journey.instance, GRAPH, LoadingContextForTest(journey.instance)
    )
    return {
        name
        for name in ("look", "styled_video")
        if resolver.get_status(dg.AssetKey(name), CLIP.key) is StaleStatus.STALE
    }


def test_a_look_says_how_the_film_will_be_painted(journey: Journey) -> None:
    model_hash = journey.add_style("small", seed=5)
    journey.make("frames")
    made = journey.make("look")
    written = journey.root / "ops" / CLIP.look
    assert made == {
        "style": "small",
        "model_hash": model_hash,
        "styles": [{"seconds": 0.0, "mixture": {"small": 1.0}}],
        "strength": 1.0,
        "reduction": 1.0,
        "preserve_colours": False,
        "codec": "h264, 8 bits",
        "settings": "none",
        "location": str(written),
    }
    assert json.loads(written.read_bytes()) == {
        "style": "small",
        "model_hash": model_hash,
        "strength": 1.0,
        "preserve_colours": False,
        "current_style": version_of(model_hash, None),
        "keyframes": [],
        "models": {},
        "reduction": 1.0,
        "quality": "standard",
        "codec": "h264",
        "bits": 8,
        "keeps_hdr": False,
        "size": None,
    }


def test_its_data_version_is_what_is_seen(journey: Journey) -> None:
    journey.make("frames")
    versions = []
    for strength in (0.5, 0.5, 0.25):
        result = journey.run("look", strength=strength)
        event = result.asset_materializations_for_node("look")[-1]
        versions.append((event.tags or {})["dagster/data_version"])
        assert versions[-1] == journey.look().content_hash
    assert versions[0] == versions[1] != versions[2]


def test_settings_beside_the_video_are_taken_and_a_run_s_own_go_before_them(
    journey: Journey,
) -> None:
    journey.make("frames")
    file = journey.media.write(SETTINGS, b"strength = 0.5\npreserve_colours = true")
    made = journey.make("look")
    assert (made["strength"], made["preserve_colours"]) == (0.5, True)
    assert made["settings"] == journey.media.location(SETTINGS)
    model_hash = made["model_hash"]
    assert journey.look().current_style == version_of(model_hash, file.etag)
    made = journey.make("look", strength=0.25)
    assert (made["strength"], made["preserve_colours"]) == (0.25, True)
    made = journey.make("look", preserve_colours=False)
    assert (made["strength"], made["preserve_colours"]) == (0.5, False)


def test_settings_that_are_too_large_fail_for_good_in_one_line(journey: Journey) -> None:
    journey.make("frames")
    journey.media.write(SETTINGS, b"#" * (MAX_SETTINGS_BYTES + 1))
    result = journey.run("look")
    assert failure(result) == f"small/clip.mp4: {SETTINGS} has 65537 bytes: 65536 are allowed"
    assert retries(result) == 0
    assert not (journey.root / "ops" / CLIP.look).exists()


def test_who_dropped_a_video_reads_what_is_wrong_with_its_settings_until_they_are_mended(
    journey: Journey,
) -> None:
    journey.make("frames")
    place = report_name(CLIP.source)
    for text, wrong in (
        (b"strength = 2", f"{SETTINGS}: strength = 2 should be a number from 0 to 1"),
        (b"blend = { cubism = 1 }", "there is no trained style 'cubism': there are brushwork"),
    ):
        journey.media.write(SETTINGS, text)
        assert not journey.run("look").success
        told = read_report(journey.media.read(place))
        assert told.reason.startswith(wrong)
        assert (told.file, told.stopped_by) == (CLIP.source, "style.toml")
    for asset in ("frames", "audio"):
        journey.media.delete("rejected")
        journey.media.write(SETTINGS, b"strength = 2")
        assert not journey.run(asset).success
        assert read_report(journey.media.read(place)).stopped_by == "style.toml"
    journey.media.write(SETTINGS, b"strength = 0.2")
    journey.make("look")
    assert not journey.media.list("rejected")


def test_a_run_s_own_setting_is_checked_too(journey: Journey) -> None:
    journey.make("frames")
    line = failure(journey.run("look", strength=-1.0))
    assert line.startswith(
        "small/clip.mp4: run config: strength = -1.0 should be a number from 0 to 1, "
    )


def events(journey: Journey, asset: str) -> list[str]:
    """Partitions of the materializations of an asset in chunks so far, the earliest first."""
    records = journey.instance.fetch_materializations(dg.AssetKey(asset), limit=1000).records
    return [str(record.partition_key)[-3:] for record in reversed(records)]


SLOTS = [f"{slot:03}" for slot in range(MAX_CHUNKS)]


def test_a_look_plans_the_chunks_that_there_are_once_for_each_look(journey: Journey) -> None:
    journey.make("frames")
    assert (events(journey, "styled_frames"), events(journey, "chunk_plan")) == (SLOTS[CHUNKS:], [])
    journey.make("look")
    planned = SLOTS[:CHUNKS]
    assert events(journey, "chunk_plan") == planned
    journey.make_chunks()
    made = len(events(journey, "styled_frames"))
    for asset in ("look", "frames"):
        journey.make(asset)
        assert events(journey, "chunk_plan") == planned, "all of it is there"
    journey.make("look", strength=0.5)
    assert events(journey, "chunk_plan") == planned * 2
    assert len(events(journey, "styled_frames")) == made, "the grid is complete"


def test_a_chunk_whose_segment_is_gone_is_planned_again(finished: Journey) -> None:
    finished.ops.delete(CLIP.segment(1))
    finished.make("look")
    assert events(finished, "chunk_plan") == [*SLOTS[:CHUNKS], SLOTS[1]]


def test_chunks_that_an_earlier_version_made_are_planned_again_and_its_empty_slots_are_not(
    journey: Journey,
) -> None:
    for slot in range(MAX_CHUNKS):
        metadata = {"frames": 4 if slot < CHUNKS else 0}
        remember(journey.instance, "styled_frames", chunk_key(CLIP.key, slot), metadata)
    journey.make_ready()
    assert events(journey, "styled_frames") == SLOTS
    assert events(journey, "chunk_plan") == SLOTS[:CHUNKS]


def test_what_was_planned_for_a_longer_upload_is_taken_back(
    journey: Journey, tmp_path: Path
) -> None:
    journey.make_ready()
    journey.drop(make_clip(tmp_path / "shorter.mp4", frames=4))
    journey.make("frames")
    assert events(journey, "styled_frames") == [*SLOTS[CHUNKS:], *SLOTS[1:CHUNKS]]


def test_all_chunks_are_painted_as_the_look_says_whatever_changed_meanwhile(
    journey: Journey,
) -> None:
    journey.make("audio")
    journey.make_ready()
    first = journey.make("styled_frames", slot=0)
    journey.add_style("small", seed=2)
    journey.media.write(SETTINGS, b"strength = 0.5")
    rest = [journey.make("styled_frames", slot=slot) for slot in range(1, CHUNKS)]
    assert {(made["model_hash"], made["strength"]) for made in (first, *rest)} == {
        (journey.look().model_hash, 1.0)
    }
    journey.make("styled_video")


def test_the_strength_is_seen_in_the_film(finished: Journey) -> None:
    in_full = finished.film().checksums.tolist()
    finished.make("look", strength=0.0)
    finished.make_chunks()
    made = finished.make("styled_video")
    assert made["strength"] == 0
    assert not set(finished.film().checksums.tolist()) & set(in_full)


def note_standing(journey: Journey) -> None:
    """What the sensor does after something changed."""
    model_hash = trained_styles(journey.ops)["small"]
    file = nearest_settings(journey.media, CLIP)
    version = version_of(model_hash, file.etag if file else None)
    journey.instance.report_runless_asset_event(
        observed(CLIP.key, version, model_hash=model_hash, settings="")
    )


def test_a_film_of_a_style_that_was_trained_again_is_stale_until_its_look_is_renewed(
    finished: Journey,
) -> None:
    note_standing(finished)
    assert stale(finished) == set()
    finished.add_style("small", seed=2)
    note_standing(finished)
    assert stale(finished) == {"look", "styled_video"}
    finished.make_film()
    assert stale(finished) == set()


def test_a_film_is_stale_when_its_settings_are_edited_and_not_when_that_is_undone(
    finished: Journey,
) -> None:
    finished.media.write(SETTINGS, b"strength = 0.5")
    note_standing(finished)
    assert stale(finished) == {"look", "styled_video"}
    finished.media.delete(SETTINGS)
    note_standing(finished)
    assert stale(finished) == set()


def test_a_film_whose_style_is_trained_again_while_it_is_painted_is_stale(
    journey: Journey,
) -> None:
    journey.make("audio")
    journey.make_ready()
    journey.make_chunks()
    journey.add_style("small", seed=2)
    note_standing(journey)
    journey.make("styled_video")
    assert stale(journey) == {"look", "styled_video"}


def test_a_look_that_is_renewed_before_the_sensor_noted_the_training_is_fresh(
    finished: Journey,
) -> None:
    note_standing(finished)
    finished.add_style("small", seed=2)
    finished.make_film()
    note_standing(finished)
    assert stale(finished) == set()
