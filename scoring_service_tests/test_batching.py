"""Requests wait in a bounded queue, and are answered in batches."""

import asyncio
import threading
import time
from collections.abc import Sequence

import pytest

from scoring_service.batching import Batcher
from scoring_service.errors import Refused
from scoring_service.metrics import REGISTRY


class Doubler:
    """Remembers its batches; work waits for `free`."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.free = threading.Event()
        self.free.set()

    def __call__(self, items: Sequence[int]) -> list[int | Exception]:
        assert self.free.wait(10)
        self.batches.append(list(items))
        return [ValueError(item) if item < 0 else 2 * item for item in items]


@pytest.mark.parametrize("threaded", [True, False])
def test_what_comes_together_is_answered_together(threaded: bool) -> None:
    work = Doubler()

    async def run() -> list[int]:
        batcher: Batcher[int, int] = Batcher("t", work, most=4, waiting=10, threaded=threaded)
        return await asyncio.gather(*(batcher.ask(n) for n in range(10)))

    assert asyncio.run(run()) == [2 * n for n in range(10)]
    assert work.batches == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_one_alone_waits_for_no_other() -> None:
    work = Doubler()

    async def run() -> float:
        batcher: Batcher[int, int] = Batcher("t", work, most=64, waiting=10)
        began = time.perf_counter()
        assert await batcher.ask(1) == 2
        return time.perf_counter() - began

    assert asyncio.run(run()) < 0.5
    assert work.batches == [[1]]


def test_a_full_queue_refuses_and_what_waits_is_answered() -> None:
    work = Doubler()

    async def run() -> list[int | BaseException]:
        batcher: Batcher[int, int] = Batcher("t", work, most=1, waiting=2)
        work.free.clear()
        first = asyncio.create_task(batcher.ask(0))
        await asyncio.sleep(0.05)
        others = [asyncio.create_task(batcher.ask(n)) for n in (1, 2, 3)]
        await asyncio.sleep(0.05)
        work.free.set()
        return await asyncio.gather(first, *others, return_exceptions=True)

    *answered, refused = asyncio.run(run())
    assert answered == [0, 2, 4]
    assert isinstance(refused, Refused)
    assert (refused.status_code, (refused.headers or {})["Retry-After"]) == (429, "1")


def test_an_error_is_its_requester_s_alone_and_one_of_the_batch_everybody_s() -> None:
    async def run() -> list[object]:
        batcher: Batcher[int, int] = Batcher("t", Doubler(), most=4, waiting=10)
        broken: Batcher[int, int] = Batcher("t", lambda items: 1 / 0, most=4, waiting=10)  # type: ignore[arg-type,return-value]
        asks = [batcher.ask(1), batcher.ask(-1), broken.ask(1), broken.ask(2)]
        return list(await asyncio.gather(*asks, return_exceptions=True))

    one, bad, *broken = asyncio.run(run())
    assert one == 2
    assert isinstance(bad, ValueError)
    assert [type(each) for each in broken] == [ZeroDivisionError] * 2


def test_who_gives_up_leaves_the_queue() -> None:
    work = Doubler()

    async def run() -> int:
        batcher: Batcher[int, int] = Batcher("t", work, most=1, waiting=1)
        work.free.clear()
        first = asyncio.create_task(batcher.ask(0))
        await asyncio.sleep(0.05)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await batcher.ask(1)
        last = asyncio.create_task(batcher.ask(2))
        await asyncio.sleep(0)
        work.free.set()
        await first
        return await last

    assert asyncio.run(run()) == 4
    assert work.batches == [[0], [2]]


def test_who_gave_up_is_counted_no_longer() -> None:
    """Pods would be added for them."""
    work = Doubler()

    def waiting() -> float | None:
        return REGISTRY.get_sample_value("scoring_waiting", {"model": "left"})

    async def run() -> list[float | None]:
        batcher: Batcher[int, int] = Batcher("left", work, most=1, waiting=1)
        work.free.clear()
        first = asyncio.create_task(batcher.ask(0))
        await asyncio.sleep(0.05)
        other = asyncio.create_task(batcher.ask(1))
        await asyncio.sleep(0)
        seen = [waiting()]
        other.cancel()
        await asyncio.wait([other])
        work.free.set()
        await first
        return [*seen, waiting()]

    assert asyncio.run(run()) == [1, 0]


def test_a_slow_model_holds_up_no_other() -> None:
    slow, fast = Doubler(), Doubler()

    async def run() -> float:
        slow.free.clear()
        waits = asyncio.create_task(Batcher[int, int]("slow", slow, most=1, waiting=1).ask(1))
        await asyncio.sleep(0.05)
        batcher: Batcher[int, int] = Batcher("fast", fast, most=1, waiting=100)
        began = time.perf_counter()
        await asyncio.gather(*(batcher.ask(n) for n in range(50)))
        spent = time.perf_counter() - began
        assert not waits.done()
        slow.free.set()
        await waits
        return spent

    assert asyncio.run(run()) < 2
