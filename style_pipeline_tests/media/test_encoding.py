"""Films in other codecs than H.264."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from style_pipeline.media import encoding
from style_pipeline.media.encoding import CannotEncode, Encoder, check_encoder
from style_pipeline.media.indexing import index_frames
from style_pipeline.media.video_format import VideoFormat
from style_pipeline_tests.clips import AAC, H264, drifting, plain, tone
from style_pipeline_tests.media.films import make_film, shown
from style_pipeline_tests.media.test_hdr import HDR10

SMALL = drifting("128x96", frames=20) + tone(0.8)


@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize("codec", ["h264", "hevc", "av1"])
def test_a_film_of_any_codec_has_every_frame_at_its_time(
    codec: str, bits: int, tmp_path: Path
) -> None:
    source = plain("a.mp4", *H264, *AAC, inputs=SMALL)(tmp_path)
    encoder = Encoder(preset="ultrafast", crf=8, codec=codec, bits=bits)
    film = make_film(source, tmp_path / "film", chunks=3, encoder=encoder)
    assert film.wrong() == []
    with av.open(str(film.path)) as container:
        stream = container.streams.video[0]
        layout = stream.codec_context.pix_fmt
        assert stream.codec_context.codec.canonical_name == codec
        assert layout == ("yuv420p10le" if bits == 10 else "yuv420p")
        if codec == "hevc":
            assert stream.codec_context.codec_tag == "hvc1"
    difference = shown(film.path, (128, 96)).astype(int) - shown(source, (128, 96))
    assert np.abs(difference).mean() < 2


@pytest.fixture(scope="module")
def pq(tmp_path_factory: pytest.TempPathFactory) -> VideoFormat:
    return index_frames(HDR10(tmp_path_factory.mktemp("pq"))).video


def test_what_cannot_be_encoded_is_refused_with_the_reason(
    pq: VideoFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_encoder(Encoder(codec="hevc", bits=10), pq)
    with pytest.raises(CannotEncode, match=r'hdr = "keep" needs codec = "hevc" or codec = "av1"'):
        check_encoder(Encoder(bits=10), pq)
    odd = replace(pq.sdr, width=127)
    with pytest.raises(CannotEncode, match=r"libsvtav1 cannot encode 127x96 pixels in yuv444p"):
        check_encoder(Encoder(codec="av1"), odd)
    check_encoder(Encoder(codec="hevc"), odd)
    monkeypatch.setitem(encoding.ENCODERS, "av1", "libnone")
    with pytest.raises(CannotEncode, match=r'^codec = "av1": PyAV .* has no libnone: choose'):
        check_encoder(Encoder(codec="av1"), pq.sdr)
