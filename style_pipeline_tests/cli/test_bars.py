import pytest

from pipeline_kit.orchestration.progress import _watches
from style_pipeline.cli import bars
from style_pipeline.cli.bars import bar, line


def test_a_line_tells_how_far_it_is_how_fast_and_how_long_it_takes() -> None:
    assert (
        line("stylizing", 120, 300, seconds=15)
        == "stylizing: 120 of 300 frames, 8.0 fps, 22 s left"
    )
    assert line("reading", 0, 300, seconds=0) == "reading: 0 of 300 frames, 0.0 fps"
    assert line("reading", 40, 0, seconds=10) == "reading: 40 frames, 4.0 fps"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(bars.time, "monotonic", clock)
    return clock


def work(clock: Clock) -> None:
    """Two chunks of 50 frames, one frame a second."""
    for chunk in ("chunk 0", "chunk 1"):
        for frame in range(1, 51):
            clock.now += 1
            for watch in [*_watches]:
                watch(chunk, frame, 50)


def test_without_a_terminal_there_is_a_line_every_ten_seconds(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with bar("stylizing", hidden=False, length=100):
        work(clock)
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert len(lines) == 10
    assert lines[0] == "stylizing: 10 of 100 frames, 1.0 fps, 90 s left"
    assert lines[6] == "stylizing: 70 of 100 frames, 1.0 fps, 30 s left"


def test_what_is_hidden_says_nothing(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with bar("stylizing", hidden=True, length=100):
        work(clock)
    assert capsys.readouterr() == ("", "")


def test_in_a_terminal_there_is_a_bar_with_the_time_left(
    clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setattr(bars.time, "time", clock)
    with bar("stylizing", hidden=False, length=200):
        work(clock)
    drawn = capsys.readouterr().err.split("\r")
    assert "100/200  00:01:4" in drawn[-1]
