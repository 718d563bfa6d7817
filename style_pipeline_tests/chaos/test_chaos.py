"""Films that are finished though everything dies that makes them."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import SystemRandom

import pytest

from style_pipeline.object_names import Video
from style_pipeline_tests.chaos.films import MODEL, Films
from style_pipeline_tests.chaos.monkey import Monkey
from style_pipeline_tests.chaos.premises import running_apart
from style_pipeline_tests.clips import make_clip

KILLS = 100
AT_A_TIME = 2
MODEL_FILM = "styled/brushwork/model.mp4"
VICTIMS = ("worker", "code server", "daemon", "storage")


def finish(films: Films, monkey: Monkey | None = None, *, others: Iterator[Video]) -> None:
    """Wait for the films, and drop others as long as a monkey is at large."""
    at_large = True
    while at_large or films.under_way:
        at_large = monkey is not None and monkey.is_alive()
        if at_large and len(films.under_way) < AT_A_TIME and (other := next(others, None)):
            films.drop(other)
        films.follow()
        films.check()
        time.sleep(0.5)


@pytest.mark.chaos
def test_a_video_in_blob_storage_becomes_the_same_film_though_one_of_each_is_killed_that_make_it(
    tmp_path: Path,
) -> None:
    clip, film = make_clip(tmp_path / "clip.mp4", frames=3), tmp_path / "film.mp4"
    command = [sys.executable, "-m", "style_pipeline.cli", "stylize", str(clip), "-o", str(film)]
    stylize = [*command, "-s", "brushwork"]
    with (
        subprocess.Popen(stylize, cwd=tmp_path, stdout=subprocess.DEVNULL) as undisturbed,
        running_apart(tmp_path / "premises") as premises,
    ):
        films = Films(premises, clip)
        films.drop(Video("brushwork/film.mp4"))
        assert undisturbed.wait() == 0
        films.model[MODEL_FILM] = film.read_bytes()
        with Monkey(premises, victims=VICTIMS, kills=4, pause=3, seed=1) as monkey:
            finish(films, monkey, others=iter(()))
        assert monkey.kills.total() == 4
        assert {name for name, _ in films.checked} == {"styled/brushwork/film.mp4"}


@pytest.mark.chaos
@pytest.mark.timeout(3600)
def test_films_are_the_same_whatever_is_killed_meanwhile(tmp_path: Path) -> None:
    seed = int(os.environ.get("SEED") or SystemRandom().randrange(10**6))
    print(f"\nSEED={seed}")
    with running_apart(tmp_path / "premises") as premises:
        films = Films(premises, make_clip(tmp_path / "clip.mp4", frames=14))
        names = (Video(f"brushwork/film{number}.mp4") for number in range(1, 1000))
        films.drop(MODEL)
        finish(films, others=names)
        films.keep_as_model()
        began = time.monotonic()
        with Monkey(premises, victims=VICTIMS, kills=KILLS, pause=10, seed=seed) as monkey:
            finish(films, monkey, others=names)
        films.check_that_all_and_nothing_else_is_there()
        kinds = ", ".join(f"{victim} {count}" for victim, count in monkey.kills.most_common())
        print(
            f"SEED={seed}: {monkey.kills.total()} kills ({kinds}), {monkey.in_haste} in haste;"
            f" {len(films.dropped) - 1} films, {len(films.backfilled)} backfills,"
            f" {premises.instance.get_runs_count()} runs, {time.monotonic() - began:.0f} s"
        )
        assert monkey.kills.total() == KILLS
