from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageColor

from style_pipeline.media.images import contact_sheet, frames_as_images, sample
from style_pipeline.media.indexing import index_frames
from style_pipeline_tests.media.conftest import Clips
from style_pipeline_tests.media.films import flat_clip, shown

COLORS = ("0xC81E3C", "0x1EC83C", "0x281EC8")


@given(st.integers(0, 500), st.integers(1, 400), st.integers(1, 20))
def test_a_sample_is_spread_evenly_over_its_range(start: int, length: int, count: int) -> None:
    frames = range(start, start + length)
    sampled = sample(frames, count)
    assert len(set(sampled)) == len(sampled) == min(count, length)
    assert sampled == sorted(sampled)
    assert set(sampled) <= set(frames)
    before, after = sampled[0] - frames[0], frames[-1] - sampled[-1]
    assert abs(before - after) <= 1


@pytest.mark.parametrize("matrix", ["bt709", "smpte170m"])
@pytest.mark.parametrize("span", ["tv", "pc"])
def test_images_have_the_colors_of_the_video(matrix: str, span: str, tmp_path: Path) -> None:
    path = flat_clip(tmp_path / "a.mp4", *COLORS, matrix=matrix, span=span)
    images = frames_as_images(path, index_frames(path), range(len(COLORS)))
    for image, color in zip(images, COLORS, strict=True):
        wanted = ImageColor.getrgb(color.replace("0x", "#"))
        assert np.abs(np.asarray(image).astype(int) - wanted).max() <= 5


@pytest.mark.parametrize("name", ["rotated_90", "mirrored_rotated", "odd_size_webm"])
def test_images_are_upright(name: str, clip: Clips) -> None:
    index = index_frames(clip(name))
    size = index.video.upright_size
    [image] = frames_as_images(clip(name), index, [7])
    assert image.size == size
    expected = shown(clip(name), size, layout="rgb24")[7]
    difference = np.abs(np.asarray(image).ravel().astype(int) - expected)
    assert difference.mean() < 8


def test_a_contact_sheet_shows_its_images_in_rows() -> None:
    rows = [[Image.new("RGB", (64, 48), color) for color in row] for row in (("red", "blue"),) * 2]
    sheet = contact_sheet(rows, width=212, gap=4)
    assert sheet.size == (212, 4 + 2 * (75 + 4))
    assert sheet.getpixel((50, 40)) == sheet.getpixel((50, 120)) == (255, 0, 0)
    assert sheet.getpixel((150, 40)) == (0, 0, 255)
    assert sheet.getpixel((1, 1)) == (255, 255, 255)
