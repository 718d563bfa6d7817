from pathlib import Path

from pipeline_kit.storage.store import Store
from style_pipeline.resources.models import shipped_networks
from style_pipeline.styles import FINE, shipped_styles
from style_pipeline_tests.assets.journey import publish_small_network
from style_pipeline_tests.assets.studio import picture
from style_pipeline_tests.cli.shell import run


def test_styles_that_ship_are_listed_anywhere_and_nothing_is_made_there(folder: Path) -> None:
    told = run("styles", "--json").json
    assert [style["style"] for style in told] == sorted(shipped_styles())
    assert {style["origin"] for style in told} == {"shipped"}
    assert not list(folder.iterdir())


def test_trained_styles_and_paintings_are_listed_too(folder: Path) -> None:
    (folder / "ops").mkdir()
    sha256 = publish_small_network(Store(url=(folder / "ops").as_uri()), "night", seed=1)
    Store(url=(folder / "media").as_uri()).write("styles/wave.png", picture(1))
    lines = run("styles").out.splitlines()
    assert lines[0].split() == ["STYLE", "NETWORK", "ORIGIN"]
    assert ["night", sha256[:12], "trained", "here"] in [line.split() for line in lines]
    waits = ["wave", "-", "not trained yet: new_styles starts it by itself"]
    assert waits in [line.split(maxsplit=2) for line in lines]


def test_it_is_told_which_styles_have_quality_fine(folder: Path) -> None:
    (folder / "ops").mkdir()
    ops = Store(url=(folder / "ops").as_uri())
    media = Store(url=(folder / "media").as_uri())
    for style, name in (("night", "night.png"), ("candy", "candy.pth")):
        publish_small_network(ops, style, seed=1)
        media.write(f"styles/{name}", picture(1))
    shipped = shipped_networks(FINE)
    told = {one["style"]: one["fine"] for one in run("styles", "--json").json if one["fine"]}
    assert told == shipped
    rows = [line.split(maxsplit=2) for line in run("styles").out.splitlines()]
    shown = {name: rest for name, _, rest in rows}
    assert shown["great-wave"] == f"shipped; fine: {shipped['great-wave'][:12]}"
    assert shown["night"] == "trained here; fine: fitted once a style.toml asks for it"
    assert shown["candy"] == "trained here"
