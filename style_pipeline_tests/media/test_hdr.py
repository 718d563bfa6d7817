from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from style_pipeline.media.encoding import Encoder
from style_pipeline.media.hdr import as_sdr
from style_pipeline.media.images import to_image
from style_pipeline.media.indexing import index_frames
from style_pipeline.media.pictures import Picture
from style_pipeline.media.side_data import content_light, mastering_display
from style_pipeline.media.video_format import VideoFormat
from style_pipeline_tests.clips import AAC, Maker, drifting, plain, tone
from style_pipeline_tests.media.films import make_film

SMALL = drifting("128x96", frames=20) + tone(0.8)


def flat(level: float, video: VideoFormat) -> Picture:
    """A gray HDR picture, of a share of the signal."""
    planes: Any = np.full(video.upright_shape, 512, np.uint16)
    planes[: video.height] = round(64 + 876 * level)
    picture: Picture = planes
    return picture


@pytest.fixture(scope="module")
def pq(tmp_path_factory: pytest.TempPathFactory) -> VideoFormat:
    return index_frames(HDR10(tmp_path_factory.mktemp("pq"))).video


MASTERING = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"


def hdr(name: str, transfer: str, *arguments: str, x265: str = "") -> Maker:
    tags = f"setparams=color_primaries=bt2020:color_trc={transfer}:colorspace=bt2020nc"
    params = f"log-level=none:keyint=8{x265}"
    codec = ["-pix_fmt", "yuv420p10le", "-c:v", "libx265", "-x265-params", params]
    return plain(name, "-vf", tags, *codec, "-tag:v", "hvc1", *AAC, *arguments, inputs=SMALL)


HDR10 = hdr("a.mp4", "smpte2084", x265=f":hdr10=1:master-display={MASTERING}:max-cll=1000,400")
HLG = hdr("a.mov", "arib-std-b67")


@pytest.mark.parametrize("codec", ["hevc", "av1"])
def test_hdr_that_is_kept_has_the_source_s_depth_colors_and_mastering_metadata(
    codec: str, tmp_path: Path
) -> None:
    source = HDR10(tmp_path)
    encoder = Encoder(preset="ultrafast", crf=4, codec=codec, bits=10)
    film = make_film(source, tmp_path / "film", chunks=2, encoder=encoder)
    assert film.wrong() == []
    assert (film.index.video.hdr, film.index.video.peak) == ("PQ", 1000)
    ours, theirs = first_frame(film.path), first_frame(source)
    assert (ours.format.name, theirs.format.name) == ("yuv420p10le", "yuv420p10le")
    for told in (ours, theirs):
        assert (told.color_primaries, told.color_trc, told.colorspace) == (9, 16, 9)
        assert content_light(told) == "1000,400"
    numbers = [mastering_numbers(mastering_display(frame)) for frame in (ours, theirs)]
    np.testing.assert_allclose(numbers[0], numbers[1], rtol=0.01, atol=5)
    assert np.abs(ours.to_ndarray().astype(int) - theirs.to_ndarray()).mean() < 4


def first_frame(path: Path) -> av.VideoFrame:
    with av.open(str(path)) as container:
        return next(container.decode(video=0))


def mastering_numbers(display: str) -> list[int]:
    return [int("".join(filter(str.isdigit, part))) for part in display.split(",")]


@pytest.mark.parametrize(("make", "transfer"), [(HDR10, "PQ"), (HLG, "HLG")])
def test_hdr_is_tone_mapped_to_sdr(make: Maker, transfer: str, tmp_path: Path) -> None:
    pictures: list[Picture] = []
    index = index_frames(make(tmp_path), on_frame=lambda number, planes: pictures.append(planes))
    video = index.video
    assert (video.hdr, str(pictures[0].dtype), video.sdr.hdr) == (transfer, "uint16", "")
    planes, told = as_sdr(pictures[0], video)
    found = (str(planes.dtype), told.color_trc, told.matrix, told.layout)
    assert found == ("uint8", 1, "bt709", "yuv420p")
    assert to_image(pictures[0], video).size == (128, 96)


def test_tone_mapping_keeps_darker_light_as_it_is_and_rolls_off_the_brightest(
    pq: VideoFormat,
) -> None:
    levels = [0.0, 0.1, 0.3, 0.508, 0.58, 0.65, 0.752, 0.9, 1.0]
    luma = [int(as_sdr(flat(level, pq), pq)[0][0, 0]) for level in levels]
    assert luma == sorted(luma)
    assert (luma[0], luma[-1], luma[-2]) == (16, 235, 235)
    # 100 cd/m2 are 49 % of SDR's white.
    assert luma[3] == pytest.approx(16 + 219 * (100 / 203) ** (1 / 2.4), abs=2)
    assert 190 < luma[4] < 230
