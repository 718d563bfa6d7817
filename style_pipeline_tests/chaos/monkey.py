"""Who is killed, and when."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from threading import Event, Thread
from typing import Self

import psutil

from style_pipeline_tests.chaos.premises import Premises

IN_HASTE = 0.25
"""Share of the victims that die while what died before them may still be starting again."""
PATIENCE = 30.0
"""Seconds in which a run should start, or what was killed should be there again."""


class Monkey(Thread):
    """Kills with SIGKILL, one of each kind of victim after the other, over and over.

    All that is left to chance comes from one seed: the order, which worker, and how many seconds it
    waits before, up to `pause`. It lets everything come back first, unless it is in haste.
    """

    def __init__(
        self, premises: Premises, *, victims: Sequence[str], kills: int, pause: float, seed: int
    ) -> None:
        super().__init__(name="monkey")
        self.premises, self.victims, self.wanted, self.pause = premises, victims, kills, pause
        self.random = Random(seed)
        self.kills: Counter[str] = Counter()
        self.in_haste = 0
        self._leaves = Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._leaves.set()
        self.join()

    def run(self) -> None:
        while self.kills.total() < self.wanted and not self._leaves.is_set():
            for victim in self.random.sample(self.victims, len(self.victims)):
                haste = self.random.random() < IN_HASTE
                pause, which = self.random.uniform(0, self.pause), self.random.random()
                if not haste:
                    self._wait_until(self.premises.all_is_there)
                if victim == "worker":
                    self._wait_until(self.premises.workers)
                self._leaves.wait(pause / 4 if haste else pause)
                if self._leaves.is_set() or self.kills.total() == self.wanted:
                    return
                if self._kill(victim, which):
                    self.kills[victim] += 1
                    self.in_haste += haste
                    print(f"{time.strftime('%X')} kill {self.kills.total()}: {victim}", flush=True)

    def _kill(self, victim: str, which: float) -> bool:
        if victim != "worker":
            self.premises.services[victim].kill()
            return True
        workers = self.premises.workers()
        if not workers:
            return False
        try:
            workers[int(which * len(workers))].kill()
        except psutil.NoSuchProcess:
            return False
        return True

    def _wait_until(self, seen: Callable[[], object]) -> None:
        until = time.monotonic() + PATIENCE
        while not seen() and time.monotonic() < until:
            if self._leaves.wait(0.3):
                return
