import numpy as np
import pytest
import torch
from torch import Tensor

from style_pipeline.stylization.architecture import MIN_SIDE
from style_pipeline.stylization.backends.network import as_network
from style_pipeline.stylization.backends.pytorch import PyTorchBackend
from style_pipeline.stylization.color import Picture
from style_pipeline_tests.stylization.stylizing import (
    ANY_STYLE,
    BT709,
    Recorder,
    Unchanged,
    engine_with,
    pictures,
    style,
    untrained,
)

SIZES = [(1, 1), (2, 2), (3, 5), (16, 16), (17, 4), (62, 46), (64, 48), (853, 481), (2, 90)]


def luma_changes(found: list[Picture], given: list[Picture], height: int) -> int:
    lumas = [
        np.stack(p)[:, 0] if p[0].ndim == 3 else np.stack(p)[:, :height] for p in (found, given)
    ]
    return int(np.abs(lumas[0].astype(int) - lumas[1]).max())


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_network_that_changes_nothing_gives_every_size_back_as_it_was(
    size: tuple[int, int],
) -> None:
    given = pictures(*size)
    network = Recorder()
    found = style(network, given, size)
    assert luma_changes(found, given, size[1]) <= 1
    assert [f.shape for f in found] == [g.shape for g in given]
    assert all(side % 4 == 0 and side >= MIN_SIDE for sides in network.sizes for side in sides)


@pytest.mark.parametrize("stride", [4, 12, 32])
def test_a_network_is_given_multiples_of_its_stride(stride: int) -> None:
    network = Recorder()
    engine = engine_with(network, stride=stride)
    given = pictures(10, 50)
    list(engine.style(given, ANY_STYLE, size=(10, 50), matrix="bt601", full_range=True))
    assert all(side % stride == 0 for sides in network.sizes for side in sides)


def test_no_tile_is_larger_than_asked() -> None:
    network = Recorder()
    given = pictures(120, 90)
    found = style(network, given, (120, 90), max_pixels=3000)
    assert luma_changes(found, given, 90) <= 1
    assert network.largest <= 3000 * 1.1  # mirrored out


class Hungry(Recorder):
    """Finds memory for so many pixels at once."""

    def __init__(self, enough: int, error: Exception) -> None:
        super().__init__()
        self.enough, self.error = enough, error

    def forward(self, images: Tensor, styles: Tensor) -> Tensor:
        if images.device.type == "cpu" and images.shape[-1] * images.shape[-2] > self.enough:
            raise self.error
        return super().forward(images, styles)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("no 512.00 MiB"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory"),
        MemoryError(),
    ],
    ids=type,
)
def test_when_memory_runs_out_tiles_become_smaller_and_no_picture_is_lost(
    error: Exception,
) -> None:
    network = Hungry(4000, error)
    given = pictures(150, 120, 3)
    found = style(network, given, (150, 120))
    assert luma_changes(found, given, 120) <= 1
    assert 1000 < network.largest <= 4000


def test_when_not_even_the_smallest_tile_fits_it_is_said() -> None:
    network = Hungry(10, torch.OutOfMemoryError("no 512.00 MiB"))
    with pytest.raises(torch.OutOfMemoryError, match=r"not even \d+ pixels .*no 512\.00 MiB"):
        style(network, pictures(150, 120), (150, 120))


def test_tiles_leave_the_network_as_it_was() -> None:
    network = untrained(residual_blocks=0)
    backend = PyTorchBackend.load(network, "cpu", 1)
    (large,), (tiny,) = pictures(330, 250, 1), pictures(50, 40, 1)
    in_tiles, whole = (backend.prepare(size, BT709)[0] for size in ((330, 250), (50, 40)))
    expected = whole(tiny, network.style)
    in_tiles(large, network.style)
    np.testing.assert_array_equal(whole(tiny, network.style), expected)


@pytest.mark.parametrize("size", [(64, 48), (62, 47)], ids=str)
def test_a_network_is_given_pictures_that_need_not_be_turned(size: tuple[int, int]) -> None:
    network = as_network(untrained())
    given: list[Tensor] = []
    network.register_forward_pre_hook(lambda _, inputs: given.append(inputs[0]))
    backend = PyTorchBackend(
        network, "cpu", None, stride=4, style_size=network.architecture.style_size
    )
    stylize, _ = backend.prepare(size, BT709)
    stylize(pictures(*size, count=1)[0], untrained().style)
    assert given[-1].is_contiguous(memory_format=torch.channels_last)


def test_a_module_says_for_how_long_it_was_at_work() -> None:
    backend = PyTorchBackend(Unchanged(), "cpu", None, stride=4, style_size=1)
    stylize, at_once = backend.prepare((32, 32), BT709)
    assert (at_once, backend.busy_seconds) == (1, 0)
    stylize(pictures(32, 32, 1)[0], ANY_STYLE)
    assert backend.busy_seconds > 0
