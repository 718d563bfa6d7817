import threading
import time
import weakref
from collections.abc import Iterator

import numpy as np
import pytest
from torch import Tensor, nn

from pipeline_kit.machine.cgroup import threads
from style_pipeline.stylization.architecture import StyleNetwork
from style_pipeline.stylization.color import Picture
from style_pipeline.stylization.engine import QUEUED_PICTURES, Engine
from style_pipeline.stylization.backends.openvino_network import CompiledNetwork
from style_pipeline_tests.stylization.painting import Recorder, pictures, small, style


@pytest.fixture
def no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def test_a_picture_that_stays_is_painted_once() -> None:
    first, second, third = pictures(16, 16)
    network = Recorder()
    given = [first, first.copy(), second, second.copy(), second.copy(), first, third]
    found = style(network, given, (16, 16))
    assert len(network.sizes) == 4
    assert len(found) == len(given)
    np.testing.assert_array_equal(found[0], found[5])


def test_a_clip_of_stills_costs_its_distinct_frames_only(monkeypatch: pytest.MonkeyPatch) -> None:
    network = small()
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
    network = small("transformer")
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


@pytest.mark.parametrize("network", [small(), Recorder()], ids=type)
def test_the_pictures_in_memory_do_not_grow_in_number_with_the_chunk(
    network: StyleNetwork | nn.Module,
) -> None:
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
    pool = 3 * threads() + 1
    assert max(most) <= QUEUED_PICTURES + pool + 3
    assert abs(most[1] - most[0]) <= 2


def test_errors_of_reading_come_after_the_pictures_that_were_read() -> None:
    def failing() -> Iterator[Picture]:
        yield from pictures(16, 16, 5)
        raise OSError("the disk is gone")

    engine = Engine(small(), device="cpu")
    found = engine.style(failing(), size=(16, 16), matrix="bt709", full_range=False)
    assert len([next(found) for _ in range(5)]) == 5
    with pytest.raises(OSError, match="the disk is gone"):
        next(found)


def test_pictures_painted_at_once_come_in_their_order() -> None:
    given = pictures(32, 32, 30)
    network = small()
    alone = [style(network, [picture], (32, 32))[0] for picture in given[:6]]
    together = style(network, given, (32, 32))
    np.testing.assert_array_equal(together[:6], alone)
    again = style(network, given[::-1], (32, 32))
    np.testing.assert_array_equal(together, again[::-1])


def test_the_engine_tells_how_long_its_network_was_at_work() -> None:
    engine = Engine(small(), device="cpu")
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


@pytest.mark.parametrize("strength", [0, 1])
def test_a_picture_of_another_size_is_refused(strength: float) -> None:
    with pytest.raises(ValueError, match=r"shape = \(33, 22\) must be \(24, 16\): 16x16 pixels"):
        style(Recorder(), pictures(22, 22), (16, 16), strength=strength)
