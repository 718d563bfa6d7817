"""HDR through a network, and what stays of the source."""

import numpy as np
import pytest

from style_pipeline.hdr_styling import stylized
from style_pipeline.look.look import Look
from style_pipeline.media.hdr import as_sdr
from style_pipeline.media.indexing import index_frames
from style_pipeline.media.pictures import Picture
from style_pipeline.media.video_format import VideoFormat
from style_pipeline_tests.hdr_clips import HDR10, flat
from style_pipeline_tests.stylization.stylizing import engine_with, style_of, untrained


@pytest.fixture(scope="module")
def pq(tmp_path_factory: pytest.TempPathFactory) -> VideoFormat:
    return index_frames(HDR10(tmp_path_factory.mktemp("pq"))).video


@pytest.mark.parametrize("keeps", [True, False])
def test_styling_of_hdr_starts_from_what_networks_know(keeps: bool, pq: VideoFormat) -> None:
    network = untrained("transformer", seed=1)
    pictures = [flat(level, pq) for level in (0.2, 0.4)]

    def styled(strength: float, *, preserve: bool = False) -> list[Picture]:
        look = Look(
            style="a",
            model_hash="b",
            strength=strength,
            preserve_colours=preserve,
            current_style="c",
            keeps_hdr=keeps,
        )
        styles = [style_of(network)] * 2
        strengths = [strength] * 2
        return list(
            stylized(engine_with(network), pictures, styles, strengths, video=pq, look=look)
        )

    source, half, full, luma = styled(0), styled(0.5), styled(1), styled(1, preserve=True)
    assert {planes.dtype for planes in full + half} == {np.dtype(np.uint16 if keeps else np.uint8)}
    expected = pictures if keeps else [as_sdr(planes, pq)[0] for planes in pictures]
    np.testing.assert_array_equal(source, expected)
    between = (np.array(source, float) + full) / 2
    assert np.abs(np.array(half) - between).max() <= 1
    np.testing.assert_array_equal(np.array(luma)[:, pq.height :], np.array(source)[:, pq.height :])
