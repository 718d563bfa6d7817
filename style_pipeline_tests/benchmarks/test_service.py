import time
from threading import Event

import pytest

from benchmarks import service
from benchmarks.service import beside


def test_work_beside_a_load_is_repeated_until_the_load_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service, "PAUSE", 0.001)
    done: list[int] = []
    with beside(lambda: done.append(1)):
        while len(done) < 3:
            time.sleep(0.001)
    count = len(done)
    time.sleep(0.01)
    assert len(done) == count


def test_what_fails_beside_a_load_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PAUSE", 0.0)
    begun = Event()

    def fail() -> None:
        begun.set()
        raise ValueError("no room")

    with pytest.raises(ValueError, match="no room"), beside(fail):
        assert begun.wait(20)
