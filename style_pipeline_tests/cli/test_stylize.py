import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from pipeline_kit.storage.store import Store
from style_pipeline.cli.stylize import shown
from style_pipeline.look.recipe import read_recipe
from style_pipeline.media.indexing import index_frames
from style_pipeline.resources.models import shipped_networks
from style_pipeline_tests.assets.journey import publish_small_network
from style_pipeline_tests.cli.shell import refusal, run
from style_pipeline_tests.clips import H264, make_clip
from style_pipeline_tests.media.films import packets

pytestmark = pytest.mark.usefixtures("folder")


def test_a_film_is_made_and_nothing_else_is_left(folder: Path) -> None:
    clip = make_clip(folder / "my clip.mov", frames=6)
    told = run("stylize", "my clip.mov", "--style", "ink", "--json").json
    film = folder / "my clip-ink.mp4"
    assert {path.name for path in folder.iterdir()} == {
        clip.name,
        film.name,
        f"{film.name}.jpg",
    }
    assert index_frames(film).pts.tolist() == index_frames(clip).pts.tolist()
    assert packets(film) == packets(clip)
    with Image.open(told["contact_sheet"]) as sheet:
        assert sheet.width == 1100
    assert (told["film"], told["style"]) == (film.name, "ink")
    assert (told["frames"], told["fps"], told["seconds"]) == (6, 25.0, 0.24)
    assert told["audio_tracks"] == 1
    assert told["bytes"] == film.stat().st_size
    assert told["stylized_on"]
    assert told["stylized_at_fps"][0] > 0


def test_the_film_is_beside_its_file_and_named_in_small_letters(folder: Path) -> None:
    (folder / "trip").mkdir()
    make_clip(folder / "trip/clip.mp4", frames=2).rename(folder / "trip/CAPS.MP4")
    told = run("stylize", "trip/CAPS.MP4", "-s", "ink", "--json").json
    assert told["film"] == "trip/CAPS-ink.mp4"
    assert [path.name for path in folder.iterdir()] == ["trip"]
    assert len(index_frames(folder / "trip/CAPS-ink.mp4")) == 2


def test_a_style_that_was_trained_here_is_painted_in_with_a_strength(folder: Path) -> None:
    (folder / "ops").mkdir()
    sha256 = publish_small_network(Store(url=(folder / "ops").as_uri()), "night", seed=1)
    make_clip(folder / "clip.mp4", frames=2)
    answer = run("stylize", "clip.mp4", "-s", "night", "-o", "films/night.mp4", "--strength", "0.5")
    assert answer.code == 0
    lines = dict(line.split(maxsplit=1) for line in answer.out.splitlines())
    assert lines["film"] == "films/night.mp4"
    assert lines["network"] == sha256[:12]
    assert lines["size"].endswith(" kB")
    assert float(lines["stylized"].removeprefix("at fps")) > 0
    assert "100%" not in answer.out, "the bar is not part of the answer"
    assert len(index_frames(folder / "films/night.mp4")) == 2


def test_of_a_figure_of_each_chunk_people_read_the_least_and_the_most() -> None:
    assert (shown([44.37]), shown([41.2, 44.37, 39.0])) == ("44.37", "39.0 to 44.37")


def test_a_film_is_not_named_for_a_container_that_cannot_hold_it(folder: Path) -> None:
    make_clip(folder / "clip.mkv", *H264, "-c:a", "pcm_s16le", frames=2)
    assert refusal("stylize", "clip.mkv", "-o", "film.mp4") == (
        "film.mp4: of clip.mkv, the film, with its sound, is a .mov: name it film.mov"
    )
    assert not (folder / "film.mp4").exists()


def test_a_file_that_is_not_there_is_refused() -> None:
    assert refusal("stylize", "clip.mp4") == "there is no file clip.mp4"


def test_a_folder_that_cannot_be_written_to_is_refused_before_the_work(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "clip.mp4").touch()
    monkeypatch.setattr("os.access", lambda path, mode: path != folder)  # which root always has
    wrong = f"nothing can be written beside {folder}/clip.mp4: say with -o where it goes"
    assert refusal("stylize", str(folder / "clip.mp4")) == wrong


@pytest.mark.parametrize("name", ["clip.mp4", "me.png"])
def test_nothing_is_written_over_the_source(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"the only copy")
    wrong = f"{name} is what it would be made of: say with -o where it goes"
    assert refusal("stylize", name, "-o", name) == wrong
    assert (folder / name).read_bytes() == b"the only copy"


def test_an_unknown_style_is_refused_with_those_there_are() -> None:
    line = refusal("stylize", "--style", "cubism")
    assert line.startswith("there is no style 'cubism': there are brushwork, ")


@pytest.mark.parametrize("name", ["a|b.mp4", "a,b.mp4", "[a].mp4", "a...mp4", "notes.txt"])
def test_a_file_that_could_not_be_dropped_is_refused(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"")
    assert refusal("stylize", name).startswith(f"{name}: ")


def test_a_file_that_cannot_be_decoded_ends_in_one_line(folder: Path) -> None:
    (folder / "text.mp4").write_bytes(b"this is no video" * 100)
    line = refusal("stylize", "text.mp4", code=1)
    assert line.startswith("starry-night/text.mp4: text.mp4 ")
    assert line.endswith("export it again and drop it again")


@pytest.mark.nightly
@pytest.mark.timeout(1200)
def test_the_demo_needs_nothing_but_its_command(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "style_pipeline.cli", "stylize"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(index_frames(folder / "demo/lake-starry-night.mp4")) == 100
    assert not [*folder.glob("*.mp4")]


def test_a_picture_and_a_film_are_made_by_the_fine_network(folder: Path) -> None:
    sha256 = shipped_networks("fine")["great-wave"][:12]
    Image.effect_noise((96, 64), 60).convert("RGB").save(folder / "me.png")
    make_clip(folder / "clip.mp4", frames=2)
    for name in ("me.png", "clip.mp4"):
        told = run("stylize", name, "-s", "great-wave", "--quality", "fine", "--json").json
        assert told["network"] == sha256
    settings = read_recipe(folder / "clip-great-wave.mp4").settings
    assert settings["quality"] == "fine"


@pytest.mark.parametrize("command", ["stylize", "preview"])
def test_a_style_without_a_fine_network_is_refused_before_anything_is_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    (folder / "clip.mp4").write_bytes(b"no video")
    ops = Store(url=(folder / "ops").as_uri())
    monkeypatch.setenv("STYLE_PIPELINE_OPS_URL", ops.url)
    publish_small_network(ops, "candy", seed=1)
    line = refusal(command, "clip.mp4", "-s", "candy", "--quality", "fine")
    assert line.startswith("quality = \"fine\" is not there for style 'candy': it is for brushwork")
