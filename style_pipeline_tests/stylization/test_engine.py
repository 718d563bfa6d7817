import threading
import time
import weakref
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from style_pipeline.stylization.compiled import CompiledNetwork
from style_pipeline.stylization.engine import QUEUED_PICTURES, Engine, Picture
from style_pipeline.stylization.network import ARCHITECTURES, SlimNet, TransformerNet
from style_pipeline.stylization.painter import MIN_SIDE


class Recorder(nn.Module):
    """Hands pictures on and remembers their sizes."""

    def __init__(self, stride: int = 4) -> None:
        super().__init__()
        self.stride = stride
        self.sizes: list[tuple[int, ...]] = []

    def forward(self, images: Tensor) -> Tensor:
        self.sizes.append(tuple(images.shape[-2:]))
        return images


@pytest.fixture
def no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def pictures(width: int, height: int, count: int = 3, *, seed: int = 0) -> list[Picture]:
    """Pictures in soft colours that RGB can show, in the layout of their size."""
    rng = np.random.default_rng(seed)
    odd = width % 2 or height % 2
    shape = (3, height, width) if odd else (height * 3 // 2, width)
    return [rng.integers(110, 146, shape).astype(np.uint8) for _ in range(count)]


def style(
    network: nn.Module,
    given: list[Picture],
    size: tuple[int, int],
    *,
    max_pixels: int | None = None,
    strength: float = 1.0,
    preserve_colors: bool = False,
) -> list[Picture]:
    engine = Engine(network, device="cpu", max_pixels=max_pixels)
    return list(
        engine.style(
            given,
            size=size,
            matrix="bt709",
            full_range=False,
            strength=strength,
            preserve_colors=preserve_colors,
        )
    )


def luma_and_chroma(picture: Picture) -> tuple[Picture, Picture]:
    rows = 1 if picture.ndim == 3 else len(picture) * 2 // 3
    return picture[:rows], picture[rows:]


class Negative(nn.Module):
    """Changes luma and chroma everywhere."""

    def forward(self, images: Tensor) -> Tensor:
        return 1 - images


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
def test_a_real_network_paints_every_size(size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    found = style(TransformerNet(channels=(4, 8, 8), residual_blocks=1), pictures(*size), size)
    assert [f.shape for f in found] == [p.shape for p in pictures(*size)]


@pytest.mark.parametrize("stride", [4, 12, 32])
def test_a_network_is_given_multiples_of_its_stride(stride: int) -> None:
    network = Recorder(stride)
    engine = Engine(network, device="cpu")
    list(engine.style(pictures(10, 50), size=(10, 50), matrix="bt601", full_range=True))
    assert all(side % stride == 0 for sides in network.sizes for side in sides)


def test_a_picture_that_stays_is_painted_once() -> None:
    first, second, third = pictures(16, 16)
    network = Recorder()
    given = [first, first.copy(), second, second.copy(), second.copy(), first, third]
    found = style(network, given, (16, 16))
    assert len(network.sizes) == 4
    assert len(found) == len(given)
    np.testing.assert_array_equal(found[0], found[5])


def test_a_clip_of_stills_costs_its_distinct_frames_only(monkeypatch: pytest.MonkeyPatch) -> None:
    network = SlimNet(channels=(4, 8, 8))
    stills = pictures(32, 32, 3)
    alone = [style(network, [picture], (32, 32))[0] for picture in stills]
    painted: list[Picture] = []
    paint = CompiledNetwork.paint

    def counted(self: CompiledNetwork, picture: Picture) -> Picture:
        painted.append(picture)
        return paint(self, picture)

    monkeypatch.setattr(CompiledNetwork, "paint", counted)
    given = [picture.copy() for picture in stills for _ in range(20)]
    found = style(network, given, (32, 32))
    assert len(painted) == 3
    np.testing.assert_array_equal(found, [picture for picture in alone for _ in range(20)])


def test_a_picture_is_painted_the_same_whatever_comes_before_it() -> None:
    torch.manual_seed(0)
    network = TransformerNet(channels=(4, 8, 8), residual_blocks=1)
    given = pictures(34, 22, 6)
    together = style(network, given, (34, 22))
    alone = [style(network, [picture], (34, 22))[0] for picture in given]
    np.testing.assert_array_equal(together, alone)


def test_what_cannot_be_decoded_is_raised_where_the_pictures_are_taken(
    no_thread_is_left: None,
) -> None:
    def failing() -> Iterator[Picture]:
        yield from pictures(16, 16, 2)
        raise OSError("the disk is gone")

    engine = Engine(nn.Identity(), device="cpu")
    found = engine.style(failing(), size=(16, 16), matrix="bt709", full_range=False)
    assert len([next(found), next(found)]) == 2
    with pytest.raises(OSError, match="the disk is gone"):
        next(found)


def test_an_error_of_the_network_ends_the_reading(no_thread_is_left: None) -> None:
    class Broken(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError, match="out of memory"):
        style(Broken(), pictures(16, 16, 100), (16, 16))


def test_no_thread_is_left_when_the_consumer_stops_early(no_thread_is_left: None) -> None:
    closed = threading.Event()

    def endless() -> Iterator[Picture]:
        try:
            while True:
                yield from pictures(16, 16, 1)
        finally:
            closed.set()

    engine = Engine(nn.Identity(), device="cpu")
    found = engine.style(endless(), size=(16, 16), matrix="bt709", full_range=False)
    next(found)
    found.close()
    assert closed.is_set()


class Alive:
    """Counts the pictures that are in memory."""

    def __init__(self) -> None:
        self.now = self.most = 0

    def watch(self, picture: Picture) -> Picture:
        self.now += 1
        self.most = max(self.most, self.now)
        weakref.finalize(picture, self._gone)
        return picture

    def _gone(self) -> None:
        self.now -= 1


@pytest.mark.parametrize("network", [SlimNet(channels=(4, 8, 8)), Recorder()], ids=type)
def test_the_pictures_in_memory_do_not_grow_in_number_with_the_chunk(network: nn.Module) -> None:
    most = []
    for count in (40, 160):
        sources, results = Alive(), Alive()
        given = (sources.watch(pictures(16, 16, 1, seed=n)[0]) for n in range(count))
        engine = Engine(network, device="cpu")
        painted = engine.style(given, size=(16, 16), matrix="bt709", full_range=False)
        for picture in map(results.watch, painted):
            time.sleep(0.001)  # an encoder slower than all before it: queues fill up
            del picture
        most.append(sources.most)
        assert results.most <= 3
    pool = 3 * torch.get_num_threads() + 1
    assert max(most) <= QUEUED_PICTURES + pool + 3
    assert abs(most[1] - most[0]) <= 2


def test_errors_of_reading_come_after_the_pictures_that_were_read() -> None:
    def failing() -> Iterator[Picture]:
        yield from pictures(16, 16, 5)
        raise OSError("the disk is gone")

    engine = Engine(SlimNet(channels=(4, 8, 8)), device="cpu")
    found = engine.style(failing(), size=(16, 16), matrix="bt709", full_range=False)
    assert len([next(found) for _ in range(5)]) == 5
    with pytest.raises(OSError, match="the disk is gone"):
        next(found)


def test_pictures_painted_at_once_come_in_their_order() -> None:
    given = pictures(32, 32, 30)
    network = SlimNet(channels=(4, 8, 8))
    alone = [style(network, [picture], (32, 32))[0] for picture in given[:6]]
    together = style(network, given, (32, 32))
    np.testing.assert_array_equal(together[:6], alone)
    again = style(network, given[::-1], (32, 32))
    np.testing.assert_array_equal(together, again[::-1])


def test_the_engine_tells_how_long_its_network_was_at_work() -> None:
    engine = Engine(SlimNet(channels=(4, 8, 8)), device="cpu")
    assert engine.busy_seconds == 0
    list(engine.style(pictures(32, 32, 3), size=(32, 32), matrix="bt709", full_range=False))
    assert engine.busy_seconds > 0
    assert engine.gpu_seconds is None


def test_no_pictures_make_no_pictures() -> None:
    assert style(nn.Identity(), [], (16, 16)) == []


def test_what_a_network_gets_wrong_stays_within_a_byte() -> None:
    class Nonsense(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            return images * 1e6 - 3e5

    found = style(Nonsense(), pictures(16, 16, 1), (16, 16))[0][:16]
    assert found.min() >= 16
    assert found.max() <= 235


LAYOUTS = pytest.mark.parametrize("size", [(34, 22), (33, 22)], ids=["4:2:0", "4:4:4"])


@LAYOUTS
@pytest.mark.parametrize("preserve_colors", [False, True])
def test_a_strength_of_zero_is_the_source_and_costs_nothing(
    size: tuple[int, int], preserve_colors: bool
) -> None:
    given = pictures(*size)
    network = Recorder()
    found = style(network, given, size, strength=0, preserve_colors=preserve_colors)
    np.testing.assert_array_equal(found, given)
    assert network.sizes == []


@LAYOUTS
def test_a_strength_of_one_is_the_full_style_and_others_lie_between(size: tuple[int, int]) -> None:
    given = pictures(*size)
    full = style(Negative(), given, size)
    np.testing.assert_array_equal(style(Negative(), given, size, strength=1), full)
    for strength in (0.01, 0.25, 0.5, 0.9):
        expected = np.array(given) + strength * (np.array(full, float) - np.array(given))
        found = style(Negative(), given, size, strength=strength)
        assert np.abs(np.array(found) - expected).max() <= 0.501


@LAYOUTS
@pytest.mark.parametrize("strength", [0.3, 1])
@pytest.mark.parametrize("max_pixels", [None, 1], ids=["whole", "tiled"])
def test_preserved_colours_are_the_sources_bit_for_bit(
    size: tuple[int, int], strength: float, max_pixels: int | None
) -> None:
    given = pictures(*size)
    full = style(Negative(), given, size, strength=strength, max_pixels=max_pixels)
    found = style(
        Negative(), given, size, strength=strength, preserve_colors=True, max_pixels=max_pixels
    )
    for source, painted, kept in zip(given, full, found, strict=True):
        np.testing.assert_array_equal(luma_and_chroma(kept)[0], luma_and_chroma(painted)[0])
        np.testing.assert_array_equal(luma_and_chroma(kept)[1], luma_and_chroma(source)[1])
        assert (luma_and_chroma(painted)[1] != luma_and_chroma(source)[1]).any()


@pytest.mark.parametrize("strength", [-0.1, 1.1, 50, float("nan"), float("inf")])
def test_a_strength_beyond_zero_and_one_is_refused_before_anything_is_read(strength: float) -> None:
    engine = Engine(Recorder(), device="cpu")
    with pytest.raises(ValueError, match=r"strength = .* must be from 0 \(the source\) to 1"):
        engine.style([], size=(16, 16), matrix="bt709", full_range=False, strength=strength)


@pytest.mark.parametrize("strength", [0, 1])
def test_a_picture_of_another_size_is_refused(strength: float) -> None:
    with pytest.raises(ValueError, match=r"shape = \(33, 22\) must be \(24, 16\): 16x16 pixels"):
        style(Recorder(), pictures(22, 22), (16, 16), strength=strength)


def test_no_tile_is_larger_than_asked() -> None:
    network = Recorder()
    size = (120, 90)
    given = pictures(*size)
    assert Engine(network, device="cpu", max_pixels=3000).max_pixels == 3000
    found = style(network, given, size, max_pixels=3000)
    assert np.abs(np.array(found)[:, :90].astype(int) - np.array(given)[:, :90]).max() <= 1
    assert max(height * width for height, width in network.sizes) <= 3000 * 1.1  # mirrored out


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
    engine = Engine(network, device="cpu")
    found = list(engine.style(given, size=(150, 120), matrix="bt709", full_range=False))
    assert np.abs(np.array(found)[:, :120].astype(int) - np.array(given)[:, :120]).max() <= 1
    assert 1000 < engine.max_pixels <= 4000


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

    engine = Engine(HungryCpu(4000), device="cpu")
    given = pictures(150, 120, 3)
    found = list(engine.style(given, size=(150, 120), matrix="bt709", full_range=False))
    assert len(found) == 3
    assert 1000 < engine.max_pixels <= 4000


def test_a_compiled_network_that_finds_no_memory_is_followed_by_tiles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = SlimNet(channels=(4, 8, 8), residual_blocks=0).requires_grad_(False)
    given = pictures(330, 250, 3)
    expected = style(network, given, (330, 250), max_pixels=330 * 250 // 2)

    def fail(self: object, picture: Picture) -> Picture:
        raise RuntimeError("std::bad_alloc")

    monkeypatch.setattr(CompiledNetwork, "paint", fail)
    np.testing.assert_array_equal(style(network, given, (330, 250)), expected)


def test_when_not_even_the_smallest_tile_fits_it_is_said() -> None:
    with pytest.raises(torch.OutOfMemoryError, match=r"not even \d+ pixels .*no 512\.00 MiB"):
        style(Hungry(10), pictures(150, 120), (150, 120))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_tiles_leave_the_network_as_it_was(architecture: str) -> None:
    torch.manual_seed(0)
    network = ARCHITECTURES[architecture](channels=(4, 8, 8), residual_blocks=0)
    large, small = pictures(330, 250, 1), pictures(50, 40, 1)
    expected = style(network, small, (50, 40))
    style(network, large, (330, 250), max_pixels=1)
    np.testing.assert_array_equal(style(network, small, (50, 40)), expected)
