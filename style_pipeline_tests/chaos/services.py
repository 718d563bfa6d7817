"""Processes that are started again when they die."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread


@dataclass
class Service:
    """A process, or the one that took its place."""

    command: list[str]
    environment: dict[str, str]
    log: Path
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        self.started = time.time()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                env=self.environment,
                cwd=self.log.parent,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def start_again_if_dead(self) -> None:
        if self._process.poll() is not None:
            self.start()

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        self._process.kill()
        self._process.wait()


@contextmanager
def kept_alive(services: dict[str, Service]) -> Iterator[None]:
    """Start each again that dies, as Kubernetes does."""
    closes = Event()

    def watch() -> None:
        while not closes.wait(0.2):
            for service in services.values():
                service.start_again_if_dead()

    keeper = Thread(target=watch, name="keeper")
    keeper.start()
    try:
        yield
    finally:
        closes.set()
        keeper.join()
        for service in services.values():
            service.end()
