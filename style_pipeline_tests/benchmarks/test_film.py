from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from benchmarks.film import (
    CLIPS,
    FRAMES,
    MATERIAL,
    film_clips,
    film_frames,
    read_frames,
    read_photograph,
)
from benchmarks.sheets import to_picture
from style_pipeline_tests.benchmarks.scenes import scenery

needs_media = pytest.mark.skipif(
    not (MATERIAL / "media/videos").exists(), reason="no media beside the project"
)


def test_frames_are_read_from_a_place_on_and_cropped_to_what_networks_take(tmp_path: Path) -> None:
    path = tmp_path / "clip.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", 25)
        stream.width, stream.height, stream.pix_fmt = 100, 60, "bgr0"
        stream.time_base = Fraction(1, 25)
        for number in range(8):
            pixels = np.full((60, 100, 3), 20 * number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        container.mux(stream.encode())
    frames = read_frames(path, first=3, count=4)
    assert [frame.shape for frame in frames] == [(48, 96, 3)] * 4
    assert [frame.mean() * 255 for frame in frames] == pytest.approx([60, 80, 100, 120], abs=1)
    with pytest.raises(SystemExit, match=r"clip\.mkv: has no 4 frames from number 5 on"):
        read_frames(path, first=5, count=4)


def test_a_photograph_s_middle_is_scaled_to_the_film_s_size(tmp_path: Path) -> None:
    tall = scenery(300, 160)
    tall[:50] = tall[-50:] = 0
    to_picture(tall).save(tmp_path / "tall.png")
    picture = read_photograph(tmp_path / "tall.png", (320, 180))
    assert picture.shape == (180, 320, 3)
    assert picture[:4].mean() > 0.2, "the black ends are cut off"


def test_the_list_of_frames_names_clips_and_photographs_and_is_of_film_size() -> None:
    assert len(set(FRAMES)) == len(FRAMES)
    sizes = {what for _, what in FRAMES if isinstance(what, tuple)}
    assert sizes == {(1280, 720), (1920, 1080)}
    assert {name for name, what in FRAMES if isinstance(what, int)} == {name for name, _ in CLIPS}


@pytest.mark.shared
@needs_media
def test_the_frames_of_every_comparison_are_there() -> None:
    frames = film_frames()
    assert len(frames) == len(FRAMES)
    assert all(side % 8 == 0 for frame in frames for side in frame.image.shape[:2])
    assert {frame.image.shape[1] for frame in frames} == {640, 768, 1280, 1920}
    assert [frame.name for frame in film_frames(2)] == [frame.name for frame in frames[:2]]


@pytest.mark.shared
@needs_media
def test_the_clips_move_and_most_of_each_can_be_followed() -> None:
    for clip in film_clips(2):
        ((flow, mask),) = clip.motion
        assert flow.shape == (*clip.frames[0].shape[:2], 2)
        assert mask.mean() < 0.5, clip.name
