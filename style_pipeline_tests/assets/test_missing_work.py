from pathlib import Path

import pyarrow.parquet as pq
import pytest

from style_pipeline.assets.styled_video import SEGMENTS_CHECK
from style_pipeline.object_names import Video
from style_pipeline.styles import shipped_styles
from style_pipeline_tests.assets.failing import fails
from style_pipeline_tests.assets.journey import CLIP, Journey, checks, failure

PLACES = {"frames": CLIP.index, "look": CLIP.look}
needed = pytest.mark.parametrize(("asset", "slot"), [("styled_frames", 0), ("styled_video", None)])


@needed
@pytest.mark.parametrize("work", PLACES)
def test_what_is_needed_and_not_there_says_how_to_make_it(
    journey: Journey, work: str, asset: str, slot: int | None
) -> None:
    if work == "look":
        journey.make("frames")
    place = journey.root / "ops" / PLACES[work]
    assert fails(journey, asset, slot=slot) == (
        f"{place} does not exist: materialize {work} of this video first"
    )


@needed
@pytest.mark.parametrize(
    ("work", "damage"),
    [
        *(("frames", b""), ("frames", b"PAR1 no index PAR1")),
        *(("look", b""), ("look", b"{}"), ("look", b"[1]")),
    ],
)
def test_what_cannot_be_read_is_to_be_made_again(
    journey: Journey, work: str, damage: bytes, asset: str, slot: int | None
) -> None:
    journey.make_ready()
    place = journey.root / "ops" / PLACES[work]
    place.write_bytes(damage)
    assert fails(journey, asset, slot=slot) == (
        f"{place} is damaged or of another version: materialize {work} of this video again"
    )


def test_an_index_of_another_version_is_to_be_made_again(journey: Journey) -> None:
    journey.make_ready()
    index = journey.root / "ops" / CLIP.index
    rows = pq.read_table(index)
    pq.write_table(rows.replace_schema_metadata({"video": "{}", "chunks": "[]"}), index)
    assert "is damaged or of another version" in fails(journey, "styled_frames", slot=0)


@pytest.mark.parametrize("kept", [0, 4000])
def test_a_damaged_segment_is_to_be_painted_again(finished: Journey, kept: int) -> None:
    before = finished.contents()
    segment = finished.root / "ops" / CLIP.segment(0)
    segment.write_bytes(segment.read_bytes()[:kept])
    result = finished.run("styled_video")
    assert checks(result) == {SEGMENTS_CHECK: False}
    assert failure(result).startswith("small/clip.mp4: segment 000.mp4 ")
    assert failure(result).endswith(": backfill this chunk")
    assert "\n" not in failure(result)
    finished.make("styled_frames", slot=0)
    finished.make("styled_video")
    assert finished.contents() == before


def test_a_film_without_its_sound_says_how_to_make_it(finished: Journey) -> None:
    finished.ops.delete(CLIP.audio("m4a"))
    sound = finished.root / "ops" / CLIP.audio("m4a")
    before = finished.contents()
    assert failure(finished.run("styled_video")) == (
        f"small/clip.mp4: {sound} does not exist: materialize audio of this video first"
    )
    assert finished.contents() == before


def test_an_unknown_style_names_those_that_there_are(journey: Journey, clip: Path) -> None:
    video = journey.drop(clip, Video("cubism/clip.mp4"))
    journey.make("frames", video)
    known = ", ".join(sorted(["small", *shipped_styles()]))
    wrong = f"there is no trained style 'cubism': there are {known}"
    assert fails(journey, "look", video) == wrong


def test_a_damaged_network_is_named(journey: Journey) -> None:
    journey.make_ready()
    (network,) = (journey.root / "ops/models/small").glob("*.safetensors")
    network.write_bytes(network.read_bytes()[:1000])
    line = fails(journey, "styled_frames", slot=0)
    wrong = f"the network of style 'small' cannot be used: {network.name}: "
    assert line.startswith(wrong)


def test_a_network_that_is_gone_says_what_to_do(journey: Journey) -> None:
    journey.make_ready()
    (network,) = (journey.root / "ops/models/small").glob("*.safetensors")
    network.unlink()
    assert fails(journey, "styled_frames", slot=0) == (
        f"version {network.stem[:12]} of 'small' is gone: {network} does not exist: "
        "materialize look of this video again"
    )


def test_a_network_under_another_one_s_name_is_refused(journey: Journey) -> None:
    journey.make_ready()
    (network,) = (journey.root / "ops/models/small").glob("*.safetensors")
    other = journey.add_style("small", seed=2)
    network.write_bytes(network.with_stem(other).read_bytes())
    assert fails(journey, "styled_frames", slot=0) == (
        f"the network of style 'small' is {other[:12]} and not {network.stem[:12]}: "
        "train the style again"
    )
