import threading
import time
import weakref
from collections.abc import Iterator

import numpy as np
import openvino as ov
import pytest
from torch import Tensor, nn

from pipeline_kit.machine.cgroup import threads
from style_pipeline.stylization.architecture import StyleNetwork, Vector
from style_pipeline.stylization.backends.openvino_network import CompiledNetwork
from style_pipeline.stylization.brushing import brushed
from style_pipeline.stylization.color import Picture
from style_pipeline.stylization.engine import QUEUED_PICTURES, Engine
from style_pipeline.stylization.strokes import enlarged, reduced
from style_pipeline_tests.stylization.stylizing import (
    Level,
    Recorder,
    Unchanged,
    difference,
    engine_with,
    pictures,
    random_style,
    style,
    styling,
    untrained,
)

SIZE = (16, 16)


def values(*levels: float) -> list[np.ndarray[tuple[int], np.dtype[np.float32]]]:
    """Styles of `Level`."""
    return [np.array([level], np.float32) for level in levels]


@pytest.fixture
def no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def test_a_picture_that_stays_is_stylized_once() -> None:
    first, second, third = pictures(*SIZE)
    network = Recorder()
    given = [first, first.copy(), second, second.copy(), second.copy(), first, third]
    found = style(network, given, SIZE)
    assert len(network.sizes) == 4
    alone = [style(network, [picture], SIZE)[0] for picture in (first, second, third)]
    np.testing.assert_array_equal(found, [alone[place] for place in (0, 0, 1, 1, 1, 0, 2)])


def test_a_clip_of_stills_costs_its_distinct_frames_only(monkeypatch: pytest.MonkeyPatch) -> None:
    stylized: list[Picture] = []
    stylize = CompiledNetwork.stylize

    def counted(self: CompiledNetwork, picture: Picture, vector: Vector) -> Picture:
        stylized.append(picture)
        return stylize(self, picture, vector)

    monkeypatch.setattr(CompiledNetwork, "stylize", counted)
    stills = pictures(32, 32, 3)
    found = style(untrained(), [still.copy() for still in stills for _ in range(20)], (32, 32))
    assert len(stylized) == 3
    alone = style(untrained(), stills, (32, 32))
    np.testing.assert_array_equal(found, np.repeat(alone, 20, axis=0))


def test_a_picture_that_stays_is_stylized_again_in_another_style() -> None:
    (picture,) = pictures(*SIZE, count=1)
    network = Recorder()
    one, other = values(0, 1)
    styles = [one, one.copy(), other, other, one]
    assert len(style(network, [picture.copy() for _ in styles], SIZE, styles=styles)) == 5
    assert len(network.sizes) == 3


def test_each_picture_is_stylized_in_its_own_style() -> None:
    network = untrained()
    given = pictures(32, 32, 30)
    styles = [random_style(network.architecture, seed=seed) for seed in range(30)]
    together = style(network, given, (32, 32), styles=styles)
    for picture, vector, found in zip(given[:8], styles, together, strict=False):
        (alone,) = style(network, [picture], (32, 32), styles=[vector])
        np.testing.assert_array_equal(found, alone)
    again = style(network, given[::-1], (32, 32), styles=styles[::-1])
    np.testing.assert_array_equal(together, again[::-1])
    assert difference(together[0], style(network, given, (32, 32), styles=styles[::-1])[0]) > 5


def test_styles_are_given_to_pictures_in_their_order() -> None:
    levels = np.linspace(0, 1, 30)
    found = style(Level(), pictures(*SIZE, count=30), SIZE, styles=values(*levels))
    luma = [int(picture[0, 0]) for picture in found]
    np.testing.assert_allclose(luma, 16 + 219 * levels, atol=1)


@pytest.mark.parametrize(("count", "what"), [(2, "shorter"), (4, "longer")])
def test_styles_that_are_too_few_or_too_many_are_refused(count: int, what: str) -> None:
    with pytest.raises(ValueError, match=f"argument 2 is {what} than argument 1"):
        style(Level(), pictures(*SIZE, count=3), SIZE, styles=values(*range(count)))


def test_a_change_of_style_compiles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    compile_model = ov.Core.compile_model

    def counted(self: ov.Core, graph: ov.Model, *others: object) -> ov.CompiledModel:
        compiled.append(graph.get_friendly_name())
        return compile_model(self, graph, *others)

    monkeypatch.setattr(ov.Core, "compile_model", counted)
    network = untrained()
    engine = engine_with(network)
    for seed in range(3):
        styles = [random_style(network.architecture, seed=seed + n) for n in range(3)]
        assert list(
            engine.style(pictures(32, 32), styles, size=(32, 32), matrix="bt709", full_range=False)
        )
    assert compiled == ["first", "others"]


@pytest.mark.usefixtures("in_float32")
def test_mixtures_of_styles_lie_between_them() -> None:
    network = untrained()
    one, other = (random_style(network.architecture, seed=seed) for seed in (1, 2))
    shares = np.linspace(0, 1, 9, dtype=np.float32)
    (picture,) = pictures(32, 32, 1)
    styles = [one + share * (other - one) for share in shares]
    found = np.array(style(network, [picture] * 9, (32, 32), styles=styles)).astype(int)
    # From one to the other in small steps, without leaps.
    steps = np.abs(np.diff(found, axis=0)).mean((1, 2))
    assert steps.min() > 0
    assert steps.max() < 0.5 * np.abs(found[-1] - found[0]).mean()


@pytest.mark.usefixtures("no_thread_is_left")
@pytest.mark.parametrize("network", [untrained(), Unchanged()], ids=type)
def test_what_cannot_be_decoded_is_raised_after_the_pictures_that_could(
    network: StyleNetwork | nn.Module,
) -> None:
    def failing() -> Iterator[Picture]:
        yield from pictures(*SIZE, count=5)
        raise OSError("the disk is gone")

    found = styling(network, failing(), SIZE)
    assert len([next(found) for _ in range(5)]) == 5
    with pytest.raises(OSError, match="the disk is gone"):
        next(found)


def test_an_error_of_the_network_ends_the_reading(no_thread_is_left: None) -> None:
    class Broken(nn.Module):
        def forward(self, images: Tensor, styles: Tensor) -> Tensor:
            if images.device.type == "cpu":
                raise RuntimeError("a size that does not match")
            return images

    with pytest.raises(RuntimeError, match="a size that does not match"):
        style(Broken(), pictures(*SIZE, count=100), SIZE)


def test_no_thread_is_left_when_the_consumer_stops_early(no_thread_is_left: None) -> None:
    closed = threading.Event()

    def endless() -> Iterator[Picture]:
        try:
            while True:
                yield from pictures(*SIZE, count=1)
        finally:
            closed.set()

    found = styling(Unchanged(), endless(), SIZE)
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


@pytest.mark.parametrize("network", [untrained(), Unchanged()], ids=type)
def test_the_pictures_in_memory_do_not_grow_in_number_with_the_chunk(
    network: StyleNetwork | nn.Module,
) -> None:
    most = []
    for count in (40, 160):
        sources, results = Alive(), Alive()
        given = (sources.watch(pictures(*SIZE, count=1, seed=n)[0]) for n in range(count))
        for picture in map(results.watch, styling(network, given, SIZE)):
            time.sleep(0.001)  # an encoder slower than all before it: queues fill up
            del picture
        most.append(sources.most)
        assert results.most <= 3
    pool = 3 * threads() + 1
    assert max(most) <= QUEUED_PICTURES + pool + 3
    assert abs(most[1] - most[0]) <= 2


def test_the_engine_tells_how_long_its_network_was_at_work() -> None:
    network = untrained()
    engine = engine_with(network)
    assert engine.busy_seconds == 0
    given = pictures(32, 32, 3)
    list(engine.style(given, network.style, size=(32, 32), matrix="bt709", full_range=False))
    assert engine.busy_seconds > 0
    assert engine.gpu_seconds is None


def test_no_pictures_make_no_pictures() -> None:
    assert style(Unchanged(), [], SIZE) == []


def test_what_a_network_gets_wrong_stays_within_a_byte() -> None:
    class Nonsense(nn.Module):
        def forward(self, images: Tensor, styles: Tensor) -> Tensor:
            return images * 1e6 - 3e5

    found = style(Nonsense(), pictures(*SIZE, count=1), SIZE)[0][:16]
    assert found.min() >= 16
    assert found.max() <= 235


@pytest.mark.parametrize("strength", [0, 1])
def test_a_picture_of_another_size_is_refused(strength: float) -> None:
    with pytest.raises(ValueError, match=r"shape = \(33, 22\) must be \(24, 16\): 16x16 pixels"):
        style(Unchanged(), pictures(22, 22), SIZE, strength=strength)


@pytest.mark.parametrize("size", [(64, 48), (63, 48)], ids=["4:2:0", "4:4:4"])
def test_larger_strokes_are_made_of_smaller_pictures(size: tuple[int, int]) -> None:
    network = Recorder()
    given = pictures(*size)
    found = style(network, given, size, reduction=2.0)
    assert [picture.shape for picture in found] == [picture.shape for picture in given]
    assert network.largest <= 64 * 48 / 3
    network.sizes.clear()
    style(network, given, size, reduction=1.0)
    assert network.largest == 64 * 48


@pytest.mark.parametrize(("wanted", "amount"), [(0.5, 0.5), (99, 1), (-1, 0)])
def test_a_style_says_how_far_pictures_are_brushed(wanted: float, amount: float) -> None:
    network = untrained()
    (plain,) = style(network, pictures(64, 48, 1), (64, 48))
    network.style[network.architecture.brushing] = wanted
    (found,) = style(network, pictures(64, 48, 1), (64, 48))
    assert (found == brushed(plain, amount)).all()


def test_strokes_are_made_whole_before_they_are_enlarged() -> None:
    network, (given,) = untrained(), pictures(64, 48, 1)
    (small,) = style(network, [reduced(given, (32, 24))], (32, 24))
    network.style[network.architecture.brushing] = 1
    (found,) = style(network, [given], (64, 48), reduction=2.0)
    assert (found == enlarged(brushed(small, 1), (64, 48))).all()


def test_pictures_may_not_have_no_pixels() -> None:
    with pytest.raises(ValueError, match="max_pixels = 0 must be at least 1"):
        Engine.load(untrained(), device="cpu", max_pixels=0)
