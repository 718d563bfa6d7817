"""What is asked of Dagster's web server, and what is said where it does not answer."""

from collections.abc import Iterator
from typing import Any

import pytest

from scoring_service.dagster_server import SECONDS, DagsterServer, Unreachable
from scoring_service.progress import Progress
from scoring_service_tests.fake_dagster import FakeDagster, fake_dagster
from style_pipeline_tests.dagster_dev import free_port


@pytest.fixture(scope="module")
def dagster() -> Iterator[FakeDagster]:
    with fake_dagster() as server:
        yield server


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        ("queued", Progress("queued")),
        ("reading", Progress("reading", chunks=3, frames=150)),
        ("stylizing", Progress("stylizing", chunks=3, chunks_done=1, frames=150, seconds_left=50)),
        ("between", Progress("joining", chunks=3, chunks_done=3, frames=150)),
        ("joining", Progress("joining", chunks=3, chunks_done=3, frames=150)),
        ("done", Progress("done", chunks=3, chunks_done=3, frames=150)),
        (
            "failed",
            Progress(
                "failed",
                reason="ink/holiday.mp4: broken.mp4 cannot be decoded: Invalid data found when "
                "processing input: export it again and drop it again",
            ),
        ),
    ],
)
def test_a_film_is_followed_from_the_queue_to_its_end(
    dagster: FakeDagster, state: str, wanted: Progress
) -> None:
    dagster.state = state
    server = DagsterServer(f"{dagster.url}/")
    assert server.progress("ink/holiday.mp4") == wanted
    server.close()


def test_a_server_that_is_away_is_named_and_left_alone_for_a_while(dagster: FakeDagster) -> None:
    now = [0.0]
    url = f"http://127.0.0.1:{free_port()}"
    server = DagsterServer(url, clock=lambda: now[0])
    for _ in range(2):
        with pytest.raises(Unreachable, match=f"^Dagster does not answer at {url}: is it running"):
            server.progress("ink/holiday.mp4")
    # It comes back, and is asked again when the pause is over.
    server.url, dagster.state = dagster.url, "queued"
    with pytest.raises(Unreachable):
        server.progress("ink/holiday.mp4")
    now[0] += SECONDS
    assert server.progress("ink/holiday.mp4").state == "queued"
    server.close()


def test_answers_that_are_none_of_dagster_s_are_said_to_be(
    dagster: FakeDagster, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = DagsterServer(dagster.url)
    answers: list[dict[str, Any]] = [{}, {"own": None}, {"own": {"results": [{}]}}]
    for answer in answers:
        monkeypatch.setattr(server, "_ask", lambda query, answer=answer, **variables: answer)
        with pytest.raises(Unreachable, match="answers otherwise than expected"):
            server.progress("ink/holiday.mp4")
    server.close()
