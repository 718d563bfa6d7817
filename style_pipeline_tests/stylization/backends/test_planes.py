import numpy as np
import pytest
import torch
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Interpolation
from torch import Tensor

from style_pipeline.media.video_format import H273_NUMBERS
from style_pipeline.stylization.backends.planes import from_rgb, to_rgb
from style_pipeline.stylization.color import LUMA_WEIGHTS, Color
from style_pipeline_tests.stylization.stylizing import BT709


def flat(y: int, u: int, v: int, *, layout: str = "420") -> Tensor:
    """One picture of 4x4 pixels in one color."""
    if layout == "444":
        return torch.tensor([y, u, v], dtype=torch.uint8)[None, :, None, None].repeat(1, 1, 4, 4)
    planes = [torch.full((4, 4), y), torch.full((1, 4), u), torch.full((1, 4), v)]
    return torch.cat(planes).to(torch.uint8)[None]


@pytest.mark.parametrize("layout", ["420", "444"])
@pytest.mark.parametrize(
    ("matrix", "full_range", "yuv", "rgb"),
    [
        # Rec. ITU-R BT.709-6, table 3: the 100 % color bars in 8 bits.
        ("bt709", False, (16, 128, 128), (0, 0, 0)),
        ("bt709", False, (235, 128, 128), (255, 255, 255)),
        ("bt709", False, (63, 102, 240), (255, 0, 0)),
        ("bt709", False, (173, 42, 26), (0, 255, 0)),
        ("bt709", False, (32, 240, 118), (0, 0, 255)),
        # Rec. ITU-R BT.601-7.
        ("bt601", False, (81, 90, 240), (255, 0, 0)),
        ("bt601", False, (145, 54, 34), (0, 255, 0)),
        ("bt601", False, (41, 240, 110), (0, 0, 255)),
        # JFIF.
        ("bt601", True, (76, 85, 255), (255, 0, 0)),
        ("bt601", True, (0, 128, 128), (0, 0, 0)),
        ("bt601", True, (255, 128, 128), (255, 255, 255)),
        # Rec. ITU-R BT.2020-2.
        ("bt2020", False, (74, 97, 240), (255, 0, 0)),
    ],
)
def test_known_colors(
    layout: str,
    matrix: str,
    full_range: bool,
    yuv: tuple[int, int, int],
    rgb: tuple[int, int, int],
) -> None:
    color = Color(matrix=matrix, full_range=full_range)
    picture = flat(*yuv, layout=layout)
    seen = to_rgb(picture, color) * 255
    expected = torch.tensor(rgb, dtype=torch.float32)[None, :, None, None].expand_as(seen)
    torch.testing.assert_close(seen, expected, atol=2, rtol=0)
    back = from_rgb(expected / 255, color, subsampled=layout == "420")
    assert back.shape == picture.shape
    assert (back.int() - picture.int()).abs().max() <= 1


@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize("matrix", LUMA_WEIGHTS)
def test_every_color_that_exists_comes_back(matrix: str, full_range: bool) -> None:
    steps = torch.linspace(0, 1, 17)
    rgb = torch.stack(torch.meshgrid(steps, steps, steps, indexing="ij")).reshape(1, 3, 17, 289)
    color = Color(matrix=matrix, full_range=full_range)
    torch.testing.assert_close(
        to_rgb(from_rgb(rgb, color, subsampled=False), color), rgb, atol=2 / 255, rtol=0
    )


@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize("matrix", ["bt709", "bt601", "bt2020"])
def test_colors_are_those_that_ffmpeg_sees(matrix: str, full_range: bool) -> None:
    rng = np.random.default_rng(0)
    # Moderate chroma, so that no color lies beyond what RGB can show.
    luma = rng.integers(90, 160, (1, 33, 17))
    planes = np.concatenate([luma, rng.integers(108, 148, (2, 33, 17))]).astype(np.uint8)
    frame = VideoFrame.from_ndarray(planes, format="yuv444p")
    frame.colorspace = H273_NUMBERS[matrix]
    frame.color_range = ColorRange.JPEG if full_range else ColorRange.MPEG
    exact = Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.BICUBIC
    expected = frame.reformat(format="rgb24", interpolation=exact).to_ndarray()
    color = Color(matrix=matrix, full_range=full_range)
    seen = to_rgb(torch.from_numpy(planes)[None], color)[0].permute(1, 2, 0) * 255
    assert np.abs(seen.numpy() - expected).max() <= 2


def test_values_beyond_white_and_black_are_clamped() -> None:
    assert torch.equal(
        from_rgb(torch.full((1, 3, 4, 4), 7.0), BT709, subsampled=True), flat(235, 128, 128)
    )
    assert torch.equal(
        from_rgb(torch.full((1, 3, 4, 4), -7.0), BT709, subsampled=True), flat(16, 128, 128)
    )
    assert to_rgb(flat(255, 128, 128), BT709).max() == 1
    assert to_rgb(flat(0, 128, 128), BT709).min() == 0


def test_an_edge_stays_where_it_is() -> None:
    rgb = torch.zeros(1, 3, 8, 16)
    rgb[..., 6:] = torch.tensor([1.0, 0.2, 0.1])[:, None, None]
    luma = from_rgb(rgb, BT709, subsampled=True)[0, :8]
    assert (luma[:, :6] == 16).all()
    assert (luma[:, 6:] > 60).all()
    back = to_rgb(from_rgb(rgb, BT709, subsampled=True), BT709)
    # Only the pixels on both sides of the edge share their chroma with others.
    torch.testing.assert_close(back[..., :4], rgb[..., :4], atol=2 / 255, rtol=0)
    torch.testing.assert_close(back[..., 8:], rgb[..., 8:], atol=2 / 255, rtol=0)


def test_each_picture_of_a_batch_is_itself() -> None:
    pictures = torch.cat([flat(60, 100, 180), flat(200, 140, 90)])
    color = Color(matrix="bt601", full_range=True)
    both = to_rgb(pictures, color)
    torch.testing.assert_close(both[:1], to_rgb(pictures[:1], color))
    assert torch.equal(
        from_rgb(both, color, subsampled=True)[1:], from_rgb(both[1:], color, subsampled=True)
    )
