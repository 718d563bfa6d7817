import numpy as np
import pytest
import torch
from torch import Tensor

from style_pipeline.stylization import cpu_painter, torch_painter
from style_pipeline.stylization.architecture import MIN_SIDE
from style_pipeline.stylization.color import Color, Picture
from style_pipeline.stylization.engine import Engine
from style_pipeline.stylization.backends.network import ARCHITECTURES, as_module
from style_pipeline.stylization.backends.openvino_network import CompiledNetwork
from style_pipeline_tests.stylization.painting import Recorder, pictures, small, style

SIZES = [(1, 1), (2, 2), (3, 5), (16, 16), (17, 4), (62, 46), (64, 48), (853, 481), (2, 90)]


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_an_identity_network_gives_every_size_back_as_it_was(size: tuple[int, int]) -> None:
    given = pictures(*size)
    network = Recorder()
    found = style(network, given, size)
    luma = [np.stack(p)[0] if p[0].ndim == 3 else np.stack(p)[:, : size[1]] for p in (found, given)]
    assert np.abs(luma[0].astype(int) - luma[1]).max() <= 1
    assert [f.shape for f in found] == [g.shape for g in given]
    assert all(side % 4 == 0 and side >= MIN_SIDE for sides in network.sizes for side in sides)


@pytest.mark.parametrize("size", SIZES[:7], ids=str)
@pytest.mark.parametrize("max_pixels", [None, 1], ids=["compiled", "tiled"])
def test_a_real_network_paints_every_size(size: tuple[int, int], max_pixels: int | None) -> None:
    found = style(small("transformer"), pictures(*size), size, max_pixels=max_pixels)
    assert [f.shape for f in found] == [p.shape for p in pictures(*size)]


@pytest.mark.parametrize("stride", [4, 12, 32])
def test_a_network_is_given_multiples_of_its_stride(stride: int) -> None:
    network = Recorder(stride)
    engine = Engine(network, device="cpu")
    list(engine.style(pictures(10, 50), size=(10, 50), matrix="bt601", full_range=True))
    assert all(side % stride == 0 for sides in network.sizes for side in sides)


def test_no_tile_is_larger_than_asked() -> None:
    network = Recorder()
    size = (120, 90)
    given = pictures(*size)
    found = style(network, given, size, max_pixels=3000)
    assert np.abs(np.array(found)[:, :90].astype(int) - np.array(given)[:, :90]).max() <= 1
    assert network.largest <= 3000 * 1.1  # mirrored out


def test_pictures_may_not_have_no_pixels() -> None:
    with pytest.raises(ValueError, match="max_pixels = 0 must be at least 1"):
        Engine(Recorder(), device="cpu", max_pixels=0)


class Hungry(Recorder):
    """Finds memory for so many pixels at once."""

    def __init__(self, enough: int) -> None:
        super().__init__()
        self.enough = enough

    def forward(self, images: Tensor) -> Tensor:
        if images.device.type == "cpu" and images.shape[-1] * images.shape[-2] > self.enough:
            raise torch.OutOfMemoryError("no 512.00 MiB")
        return super().forward(images)


def test_when_memory_runs_out_tiles_become_smaller_and_no_picture_is_lost() -> None:
    network = Hungry(4000)
    given = pictures(150, 120, 3)
    found = style(network, given, (150, 120))
    assert np.abs(np.array(found)[:, :120].astype(int) - np.array(given)[:, :120]).max() <= 1
    assert 1000 < network.largest <= 4000


@pytest.mark.parametrize(
    "error", [RuntimeError("DefaultCPUAllocator: can't allocate memory"), MemoryError()], ids=type
)
def test_memory_that_runs_out_on_a_cpu_makes_tiles_smaller_too(error: Exception) -> None:
    class HungryCpu(Hungry):
        def forward(self, images: Tensor) -> Tensor:
            try:
                return super().forward(images)
            except torch.OutOfMemoryError:
                raise error from None

    network = HungryCpu(4000)
    assert len(style(network, pictures(150, 120, 3), (150, 120))) == 3
    assert 1000 < network.largest <= 4000


def test_a_compiled_network_that_finds_no_memory_is_followed_by_tiles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = small(residual_blocks=0)
    given = pictures(330, 250, 3)
    expected = style(network, given, (330, 250), max_pixels=330 * 250 // 2)

    def fail(self: object, picture: Picture) -> Picture:
        raise RuntimeError("std::bad_alloc")

    monkeypatch.setattr(CompiledNetwork, "paint", fail)
    np.testing.assert_array_equal(style(network, given, (330, 250)), expected)


def test_a_picture_that_is_too_large_to_be_painted_whole_is_painted_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cpu_painter, "painting_budget", lambda: 1000)
    monkeypatch.setattr(torch_painter, "painting_budget", lambda: 1000)
    given = pictures(330, 250, 1)
    found = style(small(residual_blocks=0), given, (330, 250))
    np.testing.assert_array_equal(
        found, style(small(residual_blocks=0), given, (330, 250), max_pixels=1)
    )


def test_as_many_pictures_are_painted_at_once_as_fit_into_memory() -> None:
    color = Color(matrix="bt709", full_range=False)

    def at_once(memory: int) -> int:
        return CompiledNetwork(small(), (64, 48), color, threads=2, memory=memory).at_once

    assert at_once(10**9) == 2
    with pytest.raises(
        MemoryError, match=r"(\d+) bytes to paint a picture of \(64, 48\)"
    ) as raised:
        at_once(1)
    each = int(str(raised.value).split()[0])
    assert 64 * 48 * 50 < each < 64 * 48 * 500
    assert (at_once(each), at_once(2 * each - 1), at_once(2 * each)) == (1, 1, 2)


def test_when_not_even_the_smallest_tile_fits_it_is_said() -> None:
    with pytest.raises(torch.OutOfMemoryError, match=r"not even \d+ pixels .*no 512\.00 MiB"):
        style(Hungry(10), pictures(150, 120), (150, 120))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_tiles_leave_the_network_as_it_was(architecture: str) -> None:
    network = as_module(small(architecture, residual_blocks=0))
    large, tiny = pictures(330, 250, 1), pictures(50, 40, 1)
    expected = style(network, tiny, (50, 40))
    style(network, large, (330, 250), max_pixels=1)
    np.testing.assert_array_equal(style(network, tiny, (50, 40)), expected)
