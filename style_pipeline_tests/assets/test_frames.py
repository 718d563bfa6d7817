from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from style_pipeline.media.indexing import index_frames
from style_pipeline.object_names import Video
from style_pipeline.partitions import MAX_CHUNKS
from style_pipeline_tests.assets.journey import (
    CHUNKS,
    CLIP,
    FRAMES,
    SIZE,
    Journey,
    failure,
    picture_in,
    slots_done,
    values,
)
from style_pipeline_tests.clips import H264, ffmpeg, moving, rotated


def test_the_index_holds_every_frame_of_this_upload(journey: Journey, clip: Path) -> None:
    journey.make("frames")
    index = journey.index()
    assert index.rows == index_frames(clip).rows
    assert index.upload == journey.media.head(CLIP.source).etag
    assert [frame for chunk in index.chunks for frame in chunk] == list(range(FRAMES))


def test_frames_say_what_the_video_is_and_show_it(journey: Journey) -> None:
    made = journey.make("frames")
    preview = picture_in(made.pop("preview"))
    assert preview.width == 1100
    assert preview.height < 300  # one row of five pictures
    assert made.pop("decoded_fps") > 0
    stored = journey.root / "ops" / CLIP.index
    assert made == {
        "frames": FRAMES,
        "chunks": CHUNKS,
        "slots": f"{CHUNKS} of {MAX_CHUNKS}: the others are empty, and count as done",
        "fps": 25.0,
        "seconds": 0.48,
        "size": "64x48",
        "codec": "h264, yuv420p",
        "pictures": "the only track with pictures",
        "left_out": "nothing",
        "converted": "nothing",
        "source_bytes": journey.media.head(CLIP.source).size,
        "bytes": stored.stat().st_size,
        "upload": journey.media.head(CLIP.source).etag,
        "location": str(stored),
    }


def test_a_part_of_the_video_is_read_and_its_version_says_so(journey: Journey) -> None:
    versions = []
    for settings, frames in ((b"from = 0.12\nto = 0.4", 7), (b'to = "0:00.4"', 10), (b"", FRAMES)):
        journey.media.write("videos/small/style.toml", settings)
        result = journey.run("frames")
        event = result.asset_materializations_for_node("frames")[-1]
        made = values(event)
        assert (made["frames"], len(journey.index())) == (frames, frames)
        versions.append((made.get("part", ""), (event.tags or {})["dagster/data_version"]))
        sound = journey.run("audio").asset_materializations_for_node("audio")[-1]
        etag = journey.media.head(CLIP.source).etag
        assert (sound.tags or {})["dagster/data_version"] == f"{etag} {versions[-1][0]}".strip()
    assert [part for part, _ in versions] == ["from 0.12 s to 0.4 s", "to 0.4 s", ""]
    assert all(version.endswith(part) for part, version in versions)


def test_a_part_in_which_there_is_nothing_is_refused_with_a_report(journey: Journey) -> None:
    journey.media.write("videos/small/style.toml", b"from = 60")
    wrong = failure(journey.run("frames"))
    assert wrong == "small/clip.mp4: clip.mp4 has no frame from 60 s: change from or to"
    assert [found.name for found in journey.media.list("rejected")]


def test_frames_again_gives_the_same_bytes_and_nothing_else(journey: Journey) -> None:
    journey.make("frames", export_images=True)
    before = journey.contents()
    journey.make("frames", export_images=True)
    assert journey.contents() == before
    assert list(journey.scratch.iterdir()) == []


def test_slots_that_a_short_video_does_not_need_are_done_without_a_run(journey: Journey) -> None:
    result = journey.run("frames")
    slots = [
        event.materialization
        for event in result.get_asset_materialization_events()
        if event.asset_key is not None and event.asset_key.path == ["styled_frames"]
    ]
    assert slots_done(journey) == [f"{slot:03}" for slot in range(CHUNKS, MAX_CHUNKS)]
    filled = f"the video has {CHUNKS} chunks, in slots 000 to {CHUNKS - 1:03}"
    said = {"frames": 0, "needed": f"no: this slot is empty, {filled}"}
    assert [values(slot) for slot in slots] == [said] * (MAX_CHUNKS - CHUNKS)
    assert {slot.description for slot in slots} == {f"empty: {filled}"}


@pytest.mark.parametrize("turn", [0, 90])
def test_frames_are_exported_upright_and_named_by_number(
    journey: Journey, clip: Path, tmp_path: Path, turn: int
) -> None:
    upright = tmp_path / "upright.mp4"
    ffmpeg(*moving(), *H264, upright)
    turned = rotated(upright, tmp_path, turn=turn)
    video = journey.drop(turned, Video("small/turned.mp4"))
    made = journey.make("frames", video, export_images=True)
    images = sorted((journey.root / "media/images/frames/small/turned.mp4").iterdir())
    assert [image.name for image in images] == [f"{n:06}.png" for n in range(24)]

    width, height = SIZE if turn == 0 else SIZE[::-1]
    assert made["size"] == f"{width}x{height}"
    raw = ffmpeg("-i", turned, "-pix_fmt", "rgb24", "-f", "rawvideo", "-")
    shown = np.frombuffer(raw, np.uint8).reshape(24, height, width, 3)
    exported = np.stack([np.asarray(Image.open(image)) for image in images])
    # ffmpeg's own player turns it; it converts colors in less exact arithmetic.
    assert np.abs(exported.astype(int) - shown).mean() < 2


def test_no_image_is_written_unless_it_is_asked_for(journey: Journey) -> None:
    journey.make("frames")
    made = [name for name in journey.contents() if "models" not in name]
    assert made == [f"media/{CLIP.source}", f"ops/{CLIP.index}"]
