"""Requests for one model wait in a bounded queue and are answered in batches."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from scoring_service.errors import too_busy
from scoring_service.metrics import BATCH, WAITING

Item = TypeVar("Item")
Result = TypeVar("Result")


class Batcher(Generic[Item, Result]):
    """Gives a model what came while it was busy, at most `most` at once.

    It never waits for a batch to fill: alone, a request is a batch. Each batcher has a thread of
    its own, so that a slow model holds up nobody but those who ask it; a model of microseconds is
    called on the event loop (`threaded=False`), as handing it over would take longer.

    Args:
        work: from items to as many results; an exception in place of a result is raised to its
            requester alone.
        waiting: how many may wait; more are refused with 429.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[Sequence[Item]], Sequence[Result | Exception]],
        *,
        most: int,
        waiting: int,
        threaded: bool = True,
    ) -> None:
        self.name, self.work, self.most, self.bound = name, work, most, waiting
        self._queue: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._pool = ThreadPoolExecutor(1, name) if threaded else None
        self._task: asyncio.Task[None] | None = None

    async def ask(self, item: Item) -> Result:
        """Raises `Refused` where too many wait. One that is cancelled leaves the queue."""
        if len(self._queue) >= self.bound:
            raise too_busy(f"too many requests wait for {self.name}: try again later")
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._queue.append((item, future))
        WAITING.labels(self.name).set(len(self._queue))
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        try:
            return await future
        except asyncio.CancelledError:
            self._queue = deque(entry for entry in self._queue if entry[1] is not future)
            WAITING.labels(self.name).set(len(self._queue))
            raise

    async def _run(self) -> None:
        # What else is on its way in this turn of the loop joins the batch.
        await asyncio.sleep(0)
        while self._queue:
            batch = [self._queue.popleft() for _ in range(min(self.most, len(self._queue)))]
            WAITING.labels(self.name).set(len(self._queue))
            BATCH.labels(self.name).observe(len(batch))
            items = [item for item, _ in batch]
            try:
                if self._pool:
                    loop = asyncio.get_running_loop()
                    results = await loop.run_in_executor(self._pool, self.work, items)
                else:
                    results = self.work(items)
                    await asyncio.sleep(0)
            except Exception as error:
                results = [error] * len(batch)
            for (_, future), result in zip(batch, results, strict=True):
                if future.done():
                    continue
                if isinstance(result, Exception):
                    future.set_exception(result)
                else:
                    future.set_result(result)
        self._task = None

    def close(self) -> None:
        """Lets go of its thread; what it works on is finished first."""
        if self._pool:
            self._pool.shutdown(cancel_futures=True)
