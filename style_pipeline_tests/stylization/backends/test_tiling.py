import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from style_pipeline.stylization.architecture import StyleNetwork
from style_pipeline.stylization.backends.network import Network, as_network
from style_pipeline.stylization.backends.planes import from_rgb, join, split
from style_pipeline.stylization.backends.pytorch import PyTorchBackend
from style_pipeline.stylization.backends.tiling import (
    Tile,
    smallest_tile,
    statistics_of,
    stylize_tiles,
    thumbnail,
    tiles,
)
from style_pipeline_tests.stylization.backends.pictures import footprint_of, picture
from style_pipeline_tests.stylization.stylizing import BT709, untrained


@settings(deadline=None, max_examples=50)
@given(
    height=st.integers(1, 600),
    width=st.integers(1, 600),
    step=st.sampled_from([2, 4, 8]),
    steps=st.integers(4, 12),
    more=st.integers(0, 100_000),
)
def test_tiles_keep_every_pixel_once_and_are_no_larger_than_asked(
    height: int, width: int, step: int, steps: int, more: int
) -> None:
    margin = step * steps
    most = smallest_tile(margin) + more
    kept = np.zeros((height, width), int)
    layout = tiles(height, width, most_pixels=most, margin=margin, step=step)
    assert (
        len({(-(-rows.length // step), -(-columns.length // step)) for rows, columns in layout})
        == 1
    )
    for rows, columns in layout:
        kept[rows.start : rows.stop, columns.start : columns.stop] += 1
        assert rows.length * columns.length <= most
        for span, side in ((rows, height), (columns, width)):
            assert span.first % step == 0
            assert span.first == 0 or span.start - span.first >= margin
            assert span.last == side or span.last - span.stop >= margin
    assert (kept == 1).all()


@pytest.mark.parametrize("shape", [(1, 90, 100), (1, 3, 61, 100)], ids=["4:2:0", "4:4:4"])
def test_tiles_are_put_where_they_were_taken(shape: tuple[int, ...]) -> None:
    planes = torch.randint(0, 255, shape, dtype=torch.uint8)
    height, width = split(planes)[0].shape[-2:]
    layout = tiles(height, width, most_pixels=32 * 32, margin=8, step=4)
    assert len(layout) > 4
    assert torch.equal(stylize_tiles(lambda tile: tile, planes, layout), planes)


def test_a_thumbnail_is_the_whole_picture_and_no_larger_than_asked() -> None:
    luma = torch.zeros(1, 1, 120, 200, dtype=torch.uint8)
    luma[..., :100] = 200
    chroma = torch.full((1, 2, 60, 100), 90, dtype=torch.uint8)
    small = thumbnail(join(luma, chroma), most_pixels=6000, step=4)
    assert small.shape == (1, 3, 60, 100)
    assert (small[:, 0, :, :49] == 200).all()
    assert (small[:, 0, :, 51:] == 0).all()
    assert (small[:, 1:] == 90).all()
    assert thumbnail(join(luma, chroma), most_pixels=10**9, step=4).shape == (1, 3, 120, 200)


def margin_of(network: Network) -> int:
    stride = network.architecture.stride
    return -(-footprint_of(network).radius // stride) * stride


def smallest_tiles(network: Network, height: int, width: int) -> list[Tile]:
    margin = margin_of(network)
    return tiles(
        height,
        width,
        most_pixels=smallest_tile(margin),
        margin=margin,
        step=network.architecture.stride,
    )


@torch.inference_mode()
def test_tiles_of_the_same_statistics_are_the_whole_picture(
    network: Network, style: Tensor
) -> None:
    whole = picture(360, 400)
    layout = smallest_tiles(network, 360, 400)
    assert len(layout) > 1
    expected = network(whole, style)
    with statistics_of(network, whole, style):
        stylized = stylize_tiles(lambda tile: network(tile, style), whole, layout)
    torch.testing.assert_close(stylized, expected, atol=1e-4, rtol=0)
    assert torch.equal(network(whole, style), expected), "the network has not been put back"


@torch.inference_mode()
def test_tiles_are_as_quiet_as_the_picture_that_they_are_of() -> None:
    body = untrained("body", channels=(8, 12, 16), seed=1)
    network, style = as_network(body), torch.from_numpy(body.style)[None]
    whole = 0.5 + 0.01 * picture(360, 400)
    whole[..., :40, :40] += 0.3  # one tile has more contrast than the others
    layout = smallest_tiles(network, 360, 400)
    assert len(layout) > 1
    with statistics_of(network, whole, style):
        stylized = stylize_tiles(lambda tile: network(tile, style), whole, layout)
    torch.testing.assert_close(stylized, network(whole, style), atol=1e-4, rtol=0)


@torch.inference_mode()
def test_statistics_are_put_back_when_stylizing_fails(network: Network, style: Tensor) -> None:
    small = picture(48, 64)
    expected = network(small, style)
    with pytest.raises(torch.OutOfMemoryError), statistics_of(network, small * 0.5, style):
        raise torch.OutOfMemoryError
    with (
        pytest.raises(ValueError, match="multiples of"),
        statistics_of(network, small[..., 1:], style),
    ):
        pass
    assert torch.equal(network(small, style), expected)


@pytest.mark.parametrize("size", [(400, 360), (401, 361)], ids=["4:2:0", "4:4:4"])
@torch.inference_mode()
def test_no_seam_is_seen_where_tiles_meet(
    described: StyleNetwork, network: Network, size: tuple[int, int]
) -> None:
    width, height = size
    given = from_rgb(picture(height, width), BT709, subsampled=width % 2 == 0)[0].numpy()
    stylized = []
    for most_pixels in (10**9, 1):
        stylize, _ = PyTorchBackend.load(described, "cpu", most_pixels).prepare(size, BT709)
        planes = torch.from_numpy(stylize(given, described.style))[None]
        stylized.append(split(planes)[0][0, 0].int())
    layout = smallest_tiles(network, height, width)
    assert len(layout) > 1

    difference = stylized[1] - stylized[0]
    assert (difference != 0).any()
    for dim in (0, 1):
        largest = difference.abs().amax(1 - dim).tolist()
        jumps = difference.diff(dim=dim).abs().float().mean(1 - dim).tolist()
        for border in sorted({tile[dim].start for tile in layout} - {0}):
            elsewhere = max(largest[: border - 1] + largest[border + 1 :])
            assert max(largest[border - 1 : border + 1]) <= 1.25 * elsewhere
            # Here, what lies farther away may have another contrast.
            around = jumps[border - 17 : border - 1] + jumps[border : border + 16]
            assert jumps[border - 1] <= max(around)
