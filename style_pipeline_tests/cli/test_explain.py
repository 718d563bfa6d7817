from pathlib import Path

import pytest

from style_pipeline_tests.cli.shell import refusal, run
from style_pipeline_tests.clips import make_clip


def test_a_film_explains_itself_wherever_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    make_clip(tmp_path / "clip.mp4")
    told = run(
        *("stylize", "clip.mp4", "-s", "ink", "-o", "film.mp4", "--json"),
        *("--from", "0:00.16", "--to", "0.4", "--size", "50%", "--strength", "0.5"),
    ).json
    assert told["frames"] == 6
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "film.mp4").rename(elsewhere / "a film.mp4")
    monkeypatch.chdir(elsewhere)
    found = run("explain", "a film.mp4", "--json").json
    assert found["style"] == "ink"
    assert found["networks"]["ink"].startswith(told["network"])
    assert found["settings"] == {"strength": 0.5, "size": "32x24", "from": 0.16, "to": 0.4}
    said = run("explain", "a film.mp4").out.splitlines()
    assert said[0].split() == ["style", "ink"]
    assert said[-1].split() == ["version", "0.1.0"]
    assert refusal("explain", str(tmp_path / "clip.mp4"), code=1) == (
        "clip.mp4 does not say what it was made by: only films of this project do, from version "
        "0.1.0 on"
    )


def test_a_file_that_is_no_film_ends_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_bytes(b"this is no video" * 100)
    line = refusal("explain", str(tmp_path / "text.mp4"), code=1)
    assert line.startswith("text.mp4 ")
