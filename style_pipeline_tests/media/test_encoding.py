"""Films in other codecs than H.264, and in HDR."""

import io
import os
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from style_pipeline.media import encoding
from style_pipeline.media.encoding import (
    CannotEncode,
    Encoder,
    add_video_stream,
    as_frame,
    check_encoder,
)
from style_pipeline.media.side_data import content_light, mastering_display
from style_pipeline.media.video_format import VideoFormat
from style_pipeline_tests.clips import AAC, H264, plain
from style_pipeline_tests.hdr_clips import HDR10, SMALL
from style_pipeline_tests.media.films import make_film, shown


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


@pytest.mark.parametrize("codec", ["h264", "hevc", "av1"])
def test_no_encoder_makes_this_process_more_urgent_than_others(codec: str, pq: VideoFormat) -> None:
    with av.open(io.BytesIO(), "w", format="mp4") as container:
        stream = add_video_stream(container, pq.sdr, Encoder(codec=codec), gop=1)
        gray = np.full(pq.sdr.upright_shape, 128, np.uint8)
        stream.encode(as_frame(gray, pq.sdr, Encoder(codec=codec)))
        threads = [int(thread.name) for thread in Path("/proc/self/task").iterdir()]
        assert {os.sched_getscheduler(thread) for thread in threads} == {os.SCHED_OTHER}


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


def test_what_cannot_be_encoded_is_refused_with_the_reason(
    pq: VideoFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_encoder(Encoder(codec="hevc", bits=10), pq)
    with pytest.raises(CannotEncode, match=r'hdr = "keep" needs codec = "hevc" or codec = "av1"'):
        check_encoder(Encoder(bits=10), pq)
    odd = replace(pq.sdr, width=127)
    with pytest.raises(
        CannotEncode, match=r"libsvtav1\): it cannot encode 127x96 pixels in yuv444p"
    ):
        check_encoder(Encoder(codec="av1"), odd)
    check_encoder(Encoder(codec="hevc"), odd)
    for container in ("mp4", "matroska"):
        check_encoder(Encoder(codec="av1"), pq.sdr, container=container)
    with pytest.raises(CannotEncode, match=r'in mov, which .* does not hold it: choose .* "h264"$'):
        check_encoder(Encoder(codec="av1"), pq.sdr, container="mov")
    monkeypatch.setitem(encoding.ENCODERS, "av1", "libnone")
    with pytest.raises(CannotEncode, match=r'^codec = "av1": PyAV .* has no libnone: choose'):
        check_encoder(Encoder(codec="av1"), pq.sdr)
