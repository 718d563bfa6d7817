"""Films in other codecs than H.264, and in HDR."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from style_pipeline.hdr_styling import stylized
from style_pipeline.look import Look
from style_pipeline.media import encoding
from style_pipeline.media.encoding import CannotEncode, Encoder, check_encoder
from style_pipeline.media.hdr import as_sdr, back, seen
from style_pipeline.media.images import to_image
from style_pipeline.media.indexing import index_frames
from style_pipeline.media.pictures import Picture
from style_pipeline.media.side_data import content_light, mastering_display
from style_pipeline.media.video_format import VideoFormat
from style_pipeline_tests.clips import AAC, H264, Maker, drifting, plain, tone
from style_pipeline_tests.media.films import make_film, shown
from style_pipeline_tests.stylization.stylizing import engine_with, style_of, untrained

MASTERING = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"
SMALL = drifting("128x96", frames=20) + tone(0.8)


def hdr(name: str, transfer: str, *arguments: str, x265: str = "") -> Maker:
    tags = f"setparams=color_primaries=bt2020:color_trc={transfer}:colorspace=bt2020nc"
    params = f"log-level=none:keyint=8{x265}"
    codec = ["-pix_fmt", "yuv420p10le", "-c:v", "libx265", "-x265-params", params]
    return plain(name, "-vf", tags, *codec, "-tag:v", "hvc1", *AAC, *arguments, inputs=SMALL)


HDR10 = hdr("a.mp4", "smpte2084", x265=f":hdr10=1:master-display={MASTERING}:max-cll=1000,400")
HLG = hdr("a.mov", "arib-std-b67")


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
    assert (video.hdr, pictures[0].dtype, video.sdr.hdr) == (transfer, np.uint16, "")
    planes, told = as_sdr(pictures[0], video)
    assert (planes.dtype, told.color_trc, told.matrix, told.layout) == (
        *(np.uint8, 1, "bt709", "yuv420p"),
    )
    assert to_image(pictures[0], video).size == (128, 96)


def flat(level: float, video: VideoFormat) -> Picture:
    """A gray HDR picture, of a share of the signal."""
    planes = np.full(video.upright_shape, 512, np.uint16)
    planes[: video.height] = round(64 + 876 * level)
    return planes


@pytest.fixture(scope="module")
def pq(tmp_path_factory: pytest.TempPathFactory) -> VideoFormat:
    return index_frames(HDR10(tmp_path_factory.mktemp("pq"))).video


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


def test_what_a_network_sees_of_hdr_can_be_turned_back(pq: VideoFormat) -> None:
    for level in np.linspace(0, 0.75, 20):
        planes = flat(float(level), pq)
        difference = np.abs(back(seen(planes, pq), pq).astype(int) - planes).max()
        assert difference < (4 if level < 0.5 else 16), "8 bits hold less where light is rolled off"


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
        return list(stylized(engine_with(network), pictures, styles, video=pq, look=look))

    source, half, full, luma = styled(0), styled(0.5), styled(1), styled(1, preserve=True)
    assert {planes.dtype for planes in full + half} == {np.dtype(np.uint16 if keeps else np.uint8)}
    expected = pictures if keeps else [as_sdr(planes, pq)[0] for planes in pictures]
    np.testing.assert_array_equal(source, expected)
    between = (np.array(source, float) + full) / 2
    assert np.abs(np.array(half) - between).max() <= 1
    np.testing.assert_array_equal(np.array(luma)[:, pq.height :], np.array(source)[:, pq.height :])


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
