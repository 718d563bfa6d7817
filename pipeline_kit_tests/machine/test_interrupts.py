import os
import signal
import threading
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from pipeline_kit.machine.interrupts import ENDING, interrupts_held

SWALLOWING = """
import os, signal
try:
    os.kill(os.getpid(), signal.{told.name})
    for _ in range(1000):  # Python looks for signals between its own instructions.
        pass
except BaseException:
    pass
"""
"""A module that takes any exception for a sign that something is not installed."""


class ToldToEnd(BaseException):
    """What Dagster has signals raise."""


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    def handle(number: int, frame: object) -> None:
        raise ToldToEnd

    before = {number: signal.signal(number, handle) for number in ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("told", ENDING)
def test_a_signal_is_swallowed_by_an_import_unless_it_is_held_back(
    told: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("swallowing", "harmless"):
        tmp_path.joinpath(f"{name}_{told.name}.py").write_text(SWALLOWING.format(told=told))
    import_module(f"swallowing_{told.name}")
    with pytest.raises(ToldToEnd), interrupts_held():
        import_module(f"harmless_{told.name}")


def test_what_fails_meanwhile_does_not_hide_the_signal() -> None:
    def work() -> None:
        with interrupts_held():
            os.kill(os.getpid(), signal.SIGTERM)
            raise ImportError

    with pytest.raises(ToldToEnd):
        work()


def test_afterwards_signals_have_their_effect_again() -> None:
    with interrupts_held():
        pass
    with pytest.raises(ToldToEnd):
        signal.raise_signal(signal.SIGTERM)


def test_a_thread_can_hold_nothing_back_and_is_not_hindered() -> None:
    done: list[bool] = []

    def work() -> None:
        with interrupts_held():
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]
