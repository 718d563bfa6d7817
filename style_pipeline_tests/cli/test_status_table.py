from datetime import UTC, datetime
from unicodedata import east_asian_width

import click
import pytest

from style_pipeline.cli.output import Screen, columns_of
from style_pipeline.cli.status_table import Overview, rendered
from style_pipeline.intake.reports import Rejected
from style_pipeline.status.trainings import TrainingStatus
from style_pipeline.status.video_status import (
    STEPS,
    Pace,
    Status,
    Step,
    VideoStatus,
    in_order,
)

DONE, RUNNING, FAILED = Status.DONE, Status.RUNNING, Status.FAILED
READ = {"audio": Step(DONE, 1), "frames": Step(DONE, 2), "look": Step(DONE, 3)}
NEVER = {**READ, "styled_video": Step()}
FILMED = {**READ, "styled_video": Step(DONE, 99)}
MADE = tuple(Step(DONE, 4 + slot) for slot in range(16))
LONG = "great-wave/trips/2026/a very long name of a holiday that nobody can read at once.mp4"
REASON = (
    "frames: ink/broken.mp4: broken.mp4 ends within a frame, as where an upload was interrupted: "
    "export it again and drop it again"
)


def a_day() -> Overview:
    """Thirty videos in all states, trainings, and files that were not taken."""
    half = (*MADE[:7], *(Step(RUNNING),) * 2, *(Step(),) * 7)
    pace = {slot: Pace(frames_done=20, fps=1.5) for slot in (7, 8)}
    stylizing = {"steps": NEVER, "chunks": half, "frames": 1600, "begun": frozenset([7, 8])}
    videos = [
        VideoStatus(key="ink/broken.mp4", steps={**NEVER, "frames": Step(FAILED)}, reason=REASON),
        VideoStatus(key=LONG, paces=pace, **stylizing),  # type: ignore[arg-type]
        VideoStatus(
            key="ink/stopped.mp4",
            steps=NEVER,
            chunks=(*MADE[:13], *(Step(),) * 3),
            is_canceled=True,
            reason="3 chunks were terminated",
        ),
        VideoStatus(key="ink/removed.mp4", steps=FILMED, chunks=MADE, is_film_gone=True, film=""),
        VideoStatus(
            key="ink/gone.mp4", steps={**NEVER, "frames": Step(FAILED)}, is_source_gone=True
        ),
        VideoStatus(
            key="ink/joining.mp4", steps={**READ, "styled_video": Step(RUNNING)}, chunks=MADE
        ),
        VideoStatus(key="ink/reading.mp4", steps={**NEVER, "frames": Step(RUNNING)}),
        VideoStatus(key="night/waits.mp4", steps=dict.fromkeys(STEPS, Step()), reason="it waits"),
        *(
            VideoStatus(
                key=f"ink/clip {n:02}.mov",
                steps=FILMED,
                chunks=MADE,
                film=f"/home/somebody/project/media/styled/ink/clip {n:02}.mov.mp4",
            )
            for n in range(22)
        ),
    ]
    trainings = [
        TrainingStatus(
            style="night", state="training", iteration=60, iterations=300, seconds_left=450
        ),
        TrainingStatus(style="noon", state="canceled", reason="it was terminated"),
    ]
    at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    refused = [Rejected("videos/ink/notes.txt", ".txt is no kind of video", at)]
    return Overview(in_order(videos), trainings, refused, films="/home/somebody/media/styled")


def plain(lines: list[str]) -> list[str]:
    return [click.unstyle(line) for line in lines]


def test_everything_is_on_one_screen_of_a_hundred_columns() -> None:
    lines = plain(rendered(a_day(), Screen(100, 40), all_done=False))
    assert max(map(len, lines)) <= 100
    assert len(lines) < 40
    assert lines[-2] == "and 6 more that are done: `style-pipeline status --all`"
    assert lines[-1] == "films: /home/somebody/media/styled"
    states = [line[54:].split()[0] for line in lines[1:-2] if not line.startswith(" ")]
    assert states == [
        *("failed", "canceled", "removed", "stylizing", "joining", "reading", "waiting", "gone"),
        *("training", "canceled"),
        *["done"] * 16,
        "rejected",
    ]
    everything = plain(rendered(a_day(), Screen(100, 40)))
    assert sum("done" in line for line in everything) == 22


def test_what_was_terminated_or_removed_says_how_to_go_on() -> None:
    text = "\n".join(plain(rendered(a_day(), Screen(100))))
    for said in (
        "3 chunks were terminated: `style-pipeline retry ink/stopped.mp4` goes on",
        "its film was removed: `style-pipeline retry ink/removed.mp4` makes it again",
        "its file was removed: drop it again, or `style-pipeline forget ink/gone.mp4`",
        "it was terminated: `style-pipeline retry --style noon` goes on",
    ):
        assert said in " ".join(text.split())


def test_a_name_is_said_once_and_a_reason_is_read_below_it() -> None:
    lines = plain(rendered(a_day(), Screen(100)))
    assert lines[1].split() == ["ink/broken.mp4", "failed", "-", "-"]
    assert lines[2].startswith("    frames: broken.mp4 ends within a frame, as where an upload")
    assert lines[3].startswith("    ")
    film = next(line for line in lines if line.startswith("ink/clip 00.mov"))
    assert film.endswith("  +.mp4"), "it is clip 00.mov.mp4"


def test_a_long_name_keeps_its_ends_and_what_is_under_way_its_time() -> None:
    (line,) = (line for line in plain(rendered(a_day(), Screen(100))) if line.startswith("great"))
    name, rest = line[:52], line[52:]
    assert (name[:10], name[-12:], name.count("…")) == ("great-wave", " at once.mp4", 1)
    # 9 of 16 chunks are left but for 40 frames, at 3 frames a second.
    assert rest.split() == ["stylizing", "7", "of", "16", "5", "min"]
    (training,) = (line for line in plain(rendered(a_day(), Screen(100))) if "night  " in line)
    assert training.split() == ["style", "night", "training", "20", "%", "8", "min"]


def test_states_are_colored() -> None:
    lines = rendered(a_day(), Screen(100))
    assert click.style("failed", fg="red") in lines[1]
    assert any(click.style("done", fg="green") in line for line in lines)


def test_a_file_holds_whole_names() -> None:
    lines = plain(rendered(a_day(), Screen()))
    assert any(line.startswith(LONG) for line in lines)
    assert not any("…" in line for line in lines)


@pytest.mark.parametrize("columns", [60, 80, 100, 140])
def test_no_line_is_broken_by_the_terminal(columns: int) -> None:
    lines = plain(rendered(a_day(), Screen(columns)))
    assert all(len(line) <= columns for line in lines)
    assert {east_asian_width(c) for line in lines for c in line} <= {"Na", "N", "A"}


def test_wide_characters_take_two_columns_each() -> None:
    long = f"ink/{'日本' * 30}.mp4"
    videos = [VideoStatus(key=key, steps=FILMED, chunks=MADE) for key in (long, "ink/e\u0301.mp4")]
    _, wide, accent = plain(rendered(Overview(videos), Screen(100)))
    assert (wide[:10], columns_of(wide)) == ("ink/日本日本日本", columns_of(accent))
    assert columns_of(wide) <= 100
