import faulthandler
from dataclasses import replace
from pathlib import Path
from shlex import split

import dagster as dg
import numpy as np
import pytest
from PIL import Image

from style_pipeline.media.frame_index import write_index
from style_pipeline.media.images import frames_as_images
from style_pipeline.media.indexing import index_frames
from style_pipeline.media.segment import Origin
from style_pipeline.resources.ffmpeg import FFmpeg
from style_pipeline.resources.stylizer import Stylizer
from style_pipeline.stylization.architecture import Vector
from style_pipeline.stylization.backends.openvino_network import CompiledNetwork
from style_pipeline.stylization.color import Picture
from style_pipeline_tests.assets.journey import (
    CHUNKS,
    CLIP,
    FRAMES,
    MIN_FRAMES,
    SIZE,
    Journey,
    new_journey,
    picture_in,
    said,
)
from style_pipeline_tests.clips import ffmpeg, moving


def test_a_chunk_says_what_was_painted_with_what_and_shows_it(journey: Journey) -> None:
    model_hash = journey.add_style("small", seed=5)
    journey.make_ready()
    made = journey.make("styled_frames", slot=1)
    sheet = picture_in(made.pop("contact_sheet"))
    assert [picture_in(made.pop(name)).size for name in ("before", "after")] == [SIZE, SIZE]
    cell_height = (1100 - 5 * 4) // 4 * 48 // 64
    assert sheet.size == (1100, 2 * (cell_height + 4) + 4), "sources above, four painted below"
    assert made.pop("fps") > 0
    assert made.pop("seconds") >= 0
    assert made.pop("cpu_seconds") > 0
    assert 0 < made.pop("utilisation") <= 1
    assert made.pop("device").startswith("CPU, ")
    stored = journey.root / "ops" / CLIP.segment(1)
    assert made == {
        "frames": MIN_FRAMES,
        "first_frame": MIN_FRAMES,
        "style": "small",
        "model_hash": model_hash,
        "strength": 1.0,
        "preserve_colours": False,
        "bytes": stored.stat().st_size,
        "location": str(stored),
    }
    assert Origin.of(stored) == Origin(journey.index().content_hash, journey.look().content_hash)


def test_a_chunk_says_what_it_cost_where_an_hour_has_a_price(journey: Journey) -> None:
    journey.make_ready()
    assert "cost" not in journey.make("styled_frames", slot=0)
    made = replace(journey, stylizer=Stylizer(device="cpu", price_per_hour=3600)).make(
        "styled_frames", slot=0
    )
    # At one a second, it costs what it took: longer than its frames alone, rounded to tenths.
    assert made["seconds"] - 0.05 <= made["cost"] < 60


def test_the_film_s_page_says_how_many_chunks_are_stylized(journey: Journey) -> None:
    journey.make_ready()
    for slot in (1, 0, 1):
        journey.make("styled_frames", slot=slot)
    wanted = dg.AssetRecordsFilter(dg.AssetKey("styled_video"), asset_partitions=[CLIP.key])
    seen = [
        each.asset_observation for each in journey.instance.fetch_observations(wanted, 9).records
    ]
    assert [each and each.description for each in reversed(seen)] == [
        "1 of 3 chunks stylized",
        "2 of 3 chunks stylized",
        "2 of 3 chunks stylized",
    ]


def test_a_chunk_again_gives_the_same_bytes_and_nothing_else(journey: Journey) -> None:
    journey.make_ready()
    journey.make_chunks(export_images=True)
    before = journey.contents()
    journey.make_chunks(export_images=True)
    assert journey.contents() == before
    assert list(journey.scratch.iterdir()) == []


def test_many_chunks_give_the_film_that_one_chunk_gives_bit_for_bit(
    finished: Journey, clip: Path, tmp_path: Path
) -> None:
    with new_journey(tmp_path / "whole", min_frames=1000) as whole:
        whole.drop(clip)
        whole.make_film()
        assert [len(chunk) for chunk in whole.index().chunks if chunk] == [FRAMES]
        assert sum(map(bool, finished.index().chunks)) == CHUNKS
        assert whole.film().checksums.tolist() == finished.film().checksums.tolist()


def test_a_chunk_is_the_same_whoever_paints_the_others_and_in_whatever_order(
    finished: Journey,
) -> None:
    before = finished.film()
    for slot in (2, 0, 1):
        finished.ops.delete(CLIP.segment(slot))
        finished.make("styled_frames", slot=slot)
    finished.make("styled_video")
    assert finished.film().rows == before.rows


def test_styled_frames_are_exported_as_they_are_in_the_film(journey: Journey) -> None:
    journey.make("audio")
    journey.make_ready()
    journey.make_chunks(export_images=True)
    journey.make("styled_video")
    images = sorted((journey.root / "media" / CLIP.images("styled_frames")).iterdir())
    assert [image.name for image in images] == [f"{number:06}.png" for number in range(FRAMES)]
    film = journey.film()
    shown = frames_as_images(journey.root / "media" / CLIP.film("mp4"), film, range(FRAMES))
    for image, frame in zip(images, shown, strict=True):
        assert np.array_equal(np.asarray(Image.open(image)), np.asarray(frame)), image.name


def test_only_the_frames_of_the_chunk_are_exported(journey: Journey) -> None:
    journey.make_ready()
    journey.make("styled_frames", slot=1, export_images=True)
    images = sorted((journey.root / "media" / CLIP.images("styled_frames")).iterdir())
    assert [image.name for image in images] == [f"{number:06}.png" for number in range(4, 8)]


def test_a_slot_without_frames_that_is_run_anyway_succeeds_and_stores_nothing(
    journey: Journey,
) -> None:
    journey.make_ready()
    before = journey.contents()
    assert journey.make("styled_frames", slot=CHUNKS) == {"frames": 0}
    assert journey.contents() == before


def test_a_slot_that_was_added_after_the_video_was_indexed_is_not_needed(journey: Journey) -> None:
    journey.make_ready()
    index = journey.index()
    write_index(replace(index, chunks=index.chunks[:CHUNKS]), journey.root / "ops" / CLIP.index)
    assert journey.make("styled_frames", slot=CHUNKS)["frames"] == 0


def test_a_source_that_was_replaced_since_it_was_indexed_stops_the_chunk_quietly(
    journey: Journey, clip: Path
) -> None:
    journey.make_ready()
    journey.drop(clip)
    before = journey.contents()
    result = journey.run("styled_frames", slot=0)
    assert result.success
    assert not result.get_asset_materialization_events()
    assert journey.contents() == before
    assert (
        "small/clip.mp4 was uploaded again meanwhile: the run for the new file replaces it"
    ) in said(journey, result)


def test_the_encoder_s_settings_reach_the_segment(journey: Journey) -> None:
    journey.make_ready()
    lossless = journey.make("styled_frames", slot=0)["bytes"]
    small = replace(journey, encoder=FFmpeg(preset="ultrafast", crf=51))
    assert small.make("styled_frames", slot=0)["bytes"] < lossless / 2


def test_frames_that_stay_are_painted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip, painted = tmp_path / "stills.mp4", []
    lossless = split("-vf fps=25 -c:v libx264 -qp 0 -pix_fmt yuv420p")
    ffmpeg(*moving(rate="25/4", frames=3), *lossless, clip)
    stylize = CompiledNetwork.stylize

    def counted(self: CompiledNetwork, picture: Picture, style: Vector) -> Picture:
        painted.append(picture)
        return stylize(self, picture, style)

    monkeypatch.setattr(CompiledNetwork, "stylize", counted)
    with new_journey(tmp_path / "journey", min_frames=1000) as journey:
        journey.drop(clip)
        journey.make_ready()
        assert journey.make("styled_frames", slot=0)["frames"] == 12
        segment = index_frames(journey.root / "ops" / CLIP.segment(0))
    assert len(painted) == 3
    stays = segment.checksums[1:] == segment.checksums[:-1]
    assert (len(segment), int(stays.sum())) == (12, 9)


def test_every_frame_puts_off_the_end_of_a_chunk_that_stands_still(
    finished: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    monkeypatch.setattr(
        faulthandler, "dump_traceback_later", lambda *_, **options: calls.append("put off")
    )
    monkeypatch.setattr(faulthandler, "cancel_dump_traceback_later", lambda: calls.append("off"))
    assert finished.run("styled_frames", slot=1).success
    assert calls == ["put off"] * (1 + 4) + ["off"]
