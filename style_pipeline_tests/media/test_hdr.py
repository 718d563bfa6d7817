"""HDR as SDR shows it, and back."""

from pathlib import Path

import numpy as np
import pytest

from style_pipeline.media.hdr import as_sdr, back, seen
from style_pipeline.media.images import to_image
from style_pipeline.media.indexing import index_frames
from style_pipeline.media.pictures import Picture
from style_pipeline.media.video_format import VideoFormat
from style_pipeline_tests.clips import Maker
from style_pipeline_tests.hdr_clips import HDR10, HLG, flat


@pytest.mark.parametrize(("make", "transfer"), [(HDR10, "PQ"), (HLG, "HLG")])
def test_hdr_is_tone_mapped_to_sdr(make: Maker, transfer: str, tmp_path: Path) -> None:
    pictures: list[Picture] = []
    index = index_frames(make(tmp_path), on_frame=lambda number, planes: pictures.append(planes))
    video = index.video
    assert (video.hdr, pictures[0].dtype.name, video.sdr.hdr) == (transfer, "uint16", "")
    planes, told = as_sdr(pictures[0], video)
    assert (planes.dtype.name, told.color_trc, told.matrix, told.layout) == (
        *("uint8", 1, "bt709", "yuv420p"),
    )
    assert to_image(pictures[0], video).size == (128, 96)


def test_tone_mapping_keeps_darker_light_as_it_is_and_rolls_off_the_brightest(
    pq: VideoFormat,
) -> None:
    levels = [0.0, 0.1, 0.3, 0.508, 0.58, 0.65, 0.752, 0.9, 1.0]
    luma = [int(as_sdr(flat(level, pq), pq)[0][0, 0]) for level in levels]
    assert luma == sorted(luma)
    assert (luma[0], luma[-1], luma[-2]) == (16, 235, 235)
    # 100 cd/m2 are 49 % of SDR's white.
    assert luma[3] == pytest.approx(16 + 219 * (100 / 203) ** (1 / 2.4), abs=3)
    assert 190 < luma[4] < 230


def test_what_a_network_sees_of_hdr_can_be_turned_back(pq: VideoFormat) -> None:
    for level in np.linspace(0, 0.75, 20):
        planes = flat(float(level), pq)
        difference = np.abs(back(seen(planes, pq), pq).astype(int) - planes).max()
        assert difference < (6 if level < 0.5 else 16), "8 bits hold less where light is rolled off"
