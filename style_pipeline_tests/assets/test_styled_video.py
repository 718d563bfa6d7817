from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from style_pipeline.assets.styled_video import SEGMENTS_CHECK
from style_pipeline.media.film_checks import CHECKS
from style_pipeline.media.indexing import index_frames
from style_pipeline.object_names import Video
from style_pipeline.resources.stylizer import Stylizer
from style_pipeline.styles import shipped_styles
from style_pipeline_tests.assets.journey import (
    CLIP,
    FRAMES,
    SIZE,
    Journey,
    checks,
    failure,
    picture_in,
)
from style_pipeline_tests.clips import AAC, H264, ffmpeg, make_clip
from style_pipeline_tests.media.films import packets

FILM = f"media/{CLIP.film('mp4')}"


def test_a_dropped_clip_becomes_a_film_with_its_frames_times_and_sound(
    finished: Journey, clip: Path
) -> None:
    film, source = finished.film(), index_frames(clip)
    assert film.pts.tolist() == source.pts.tolist()
    assert film.video.upright_size == SIZE
    assert not set(film.checksums.tolist()) & set(source.checksums.tolist()), "all are painted"
    assert packets(finished.root / FILM) == packets(clip)


def test_the_film_says_what_it_is_and_shows_it(journey: Journey) -> None:
    model_hash = journey.add_style("small", seed=5)
    made = journey.make_film()
    sheet = picture_in(made.pop("contact_sheet"))
    assert [picture_in(made.pop(name)).size for name in ("before", "after")] == [SIZE, SIZE]
    cell_height = (1100 - 5 * 4) // 4 * 48 // 64
    assert sheet.size == (1100, 2 * (cell_height + 4) + 4), "sources above, four painted below"
    film = journey.root / FILM
    assert made.pop("cpu_seconds") > 0
    assert 0 < made.pop("utilisation") <= 1
    assert made == {
        "film": str(film),
        "frames": FRAMES,
        "seconds": 0.48,
        "fps": 25.0,
        "bytes": film.stat().st_size,
        "style": "small",
        "model_hash": model_hash,
        "strength": 1.0,
        "preserve_colours": False,
        "audio_tracks": 1,
        "left_out": "nothing",
        "converted": "nothing",
        "beside": "nothing",
    }


def test_the_film_sums_up_what_its_chunks_cost_the_last_time_each_was_painted(
    journey: Journey,
) -> None:
    journey = replace(journey, stylizer=Stylizer(device="cpu", price_per_hour=3600))
    journey.make_film()
    chunks = journey.make_chunks()
    film = journey.make("styled_video")
    assert film["cost"] == pytest.approx(sum(chunk["cost"] for chunk in chunks))
    assert film["cpu_seconds"] == pytest.approx(sum(chunk["cpu_seconds"] for chunk in chunks))


def test_the_contact_sheet_lies_beside_the_film(finished: Journey) -> None:
    with Image.open(finished.root / "media" / CLIP.contact_sheet) as sheet:
        assert sheet.format == "JPEG"
        rows = np.asarray(sheet.convert("L"), float)
    above, below = rows[: len(rows) // 2], rows[len(rows) // 2 : len(rows) // 2 * 2]
    assert np.abs(above - below).mean() > 10, "the source is above, the painting below"


@pytest.mark.parametrize("name", ["film", "000"])
def test_a_clip_may_be_named_like_a_work_file(journey: Journey, clip: Path, name: str) -> None:
    video = journey.drop(clip, Video(f"small/{name}.mp4"))
    journey.make_film(video)
    assert len(journey.film(video)) == len(index_frames(clip))


def test_every_check_is_evaluated_and_passes(finished: Journey) -> None:
    result = finished.run("styled_video")
    assert checks(result) == dict.fromkeys([SEGMENTS_CHECK, *CHECKS], True)


def test_the_whole_journey_again_is_the_same_bytes_and_nothing_else(finished: Journey) -> None:
    before = finished.contents()
    finished.make_film()
    assert finished.contents() == before
    assert list(finished.scratch.iterdir()) == []


@pytest.mark.parametrize("name", ["clip.mov", "clip.mkv", "clip.ts"])
def test_a_film_of_another_container_keeps_the_clip_s_name(
    journey: Journey, tmp_path: Path, name: str
) -> None:
    video = journey.drop(make_clip(tmp_path / name), Video(f"small/{name}"))
    made = journey.make_film(video)
    assert made["film"] == str(journey.root / f"media/styled/small/{name}.mp4")
    assert len(journey.film(video)) == FRAMES


def test_a_film_replaces_the_one_of_its_former_name_and_none_of_another_video(
    finished: Journey, clip: Path
) -> None:
    caps = finished.drop(clip, Video("small/clip.MP4"))
    assert failure(finished.run("styled_video", caps)).startswith("small/clip.MP4: ")
    finished.make("audio", caps)
    finished.make_ready(caps)
    finished.make_chunks(caps)
    before = (finished.root / FILM).read_bytes()
    assert failure(finished.run("styled_video", caps)) == (
        "small/clip.MP4: its film would have the name of that of small/clip.mp4: "
        "rename the file videos/small/clip.MP4"
    )
    assert (finished.root / FILM).read_bytes() == before
    finished.instance.delete_dynamic_partition("videos", CLIP.key)
    finished.media.write(caps.former_film("mp4"), b"a film of an earlier version")
    assert finished.make("styled_video", caps)["film"] == str(finished.root / FILM)
    assert not (finished.root / "media" / caps.former_film("mp4")).exists()


def test_a_missing_segment_is_named_with_what_to_do(finished: Journey) -> None:
    finished.ops.delete(CLIP.segment(1))
    before = finished.contents()
    result = finished.run("styled_video")
    segment = finished.root / "ops" / CLIP.segment(1)
    assert failure(result) == (
        f"small/clip.mp4: {segment} does not exist: backfill chunk 001 of styled_frames"
    )
    assert finished.contents() == before


def assert_segments_are_refused(journey: Journey, before: dict[str, bytes]) -> None:
    result = journey.run("styled_video")
    assert checks(result) == {SEGMENTS_CHECK: False}
    assert failure(result) == (
        "small/clip.mp4: segment 001.mp4 was made from another upload or look: backfill this chunk"
    )
    assert journey.contents()[FILM] == before[FILM], "the film of an earlier run is left alone"
    assert list(journey.scratch.iterdir()) == []


def test_chunks_of_an_older_look_make_no_film(finished: Journey) -> None:
    before = finished.contents()
    finished.make("look", strength=0.5)
    finished.make("styled_frames", slot=0)
    assert_segments_are_refused(finished, before)


def test_a_segment_of_another_upload_makes_no_film(finished: Journey, tmp_path: Path) -> None:
    before = finished.contents()
    finished.drop(make_clip(tmp_path / "other.mp4", *H264, "-vf", "negate", *AAC))
    finished.make("audio")
    finished.make("frames")
    finished.make("styled_frames", slot=0)
    finished.make("styled_frames", slot=2)
    assert_segments_are_refused(finished, before)


def test_a_film_that_fails_a_check_is_not_delivered(finished: Journey, tmp_path: Path) -> None:
    before = finished.contents()
    ffmpeg("-i", make_clip(tmp_path / "c.mp4", pitch=880), "-vn", "-c", "copy", tmp_path / "a.m4a")
    finished.ops.upload(tmp_path / "a.m4a", CLIP.audio("m4a"))
    result = finished.run("styled_video")
    failed = [name for name, passed in checks(result).items() if not passed]
    assert failed == ["audio_matches_the_source"]
    assert checks(result).keys() == {SEGMENTS_CHECK, *CHECKS}
    assert failure(result).startswith(
        "small/clip.mp4: the film is not delivered, as checks failed: audio_matches_the_source ("
    )
    assert failure(result).endswith(": materialize audio and frames again")
    assert "\n" not in failure(result)
    assert not result.asset_materializations_for_node("styled_video")
    assert finished.contents()[FILM] == before[FILM]


def test_a_source_that_was_replaced_makes_no_film_and_says_so(
    finished: Journey, clip: Path
) -> None:
    before = finished.contents()
    finished.drop(clip)
    result = finished.run("styled_video")
    assert failure(result) == (
        "small/clip.mp4 was uploaded again meanwhile: the run for the new file replaces it"
    )
    assert finished.contents()[FILM] == before[FILM]


SHARED = Path(__file__).parents[3] / "shared/media/videos"


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="there is no ../shared/media")
@pytest.mark.parametrize(
    ("name", "how", "sound"),
    [
        ("person-walking_432p", ["-c", "copy"], 0),
        ("big-buck-bunny_720p_with-audio", ["-vf", "scale=-2:240", *H264, "-c:a", "copy"], 1),
    ],
)
def test_a_real_clip_is_painted_by_the_shipped_network(
    journey: Journey, tmp_path: Path, name: str, how: list[str], sound: int
) -> None:
    clip = tmp_path / "real.mp4"
    ffmpeg("-i", SHARED / f"{name}.mp4", "-t", "0.25", *how, clip)
    style, *_ = shipped_styles()
    video = journey.drop(clip, Video(f"{style}/real.mp4"))
    made = journey.make_film(video)
    film, source = journey.film(video), index_frames(clip)
    assert (made["style"], made["audio_tracks"]) == (style, sound)
    assert film.pts.tolist() == source.pts.tolist()
    assert film.video.upright_size == source.video.upright_size
    if sound:
        assert packets(journey.root / "media" / video.film("mp4")) == packets(clip)
