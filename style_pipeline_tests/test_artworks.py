from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from click.testing import CliRunner
from PIL import Image

import style_pipeline
from style_pipeline.artworks import ARTWORKS
from style_pipeline.artworks.__main__ import main
from style_pipeline.artworks.brushwork import equalize, flow_field
from style_pipeline.artworks.craft import blend
from style_pipeline.artworks.ink import pick, scatter
from style_pipeline.stylization.model_file import load_model
from style_pipeline.training.job import read_artwork

STYLES = Path(style_pipeline.__file__).parent / "styles"
QUICK = "ink"


def luma(picture: Image.Image) -> npt.NDArray[np.float64]:
    return np.asarray(picture.convert("L"), dtype=np.float64)


@pytest.mark.parametrize("name", ARTWORKS)
def test_the_same_seed_paints_the_same_picture(name: str) -> None:
    first, second, other = (ARTWORKS[name](width=128, height=64, seed=s) for s in (3, 3, 4))
    assert (first.size, first.mode) == ((128, 64), "RGB")
    assert first.tobytes() == second.tobytes()
    assert first.tobytes() != other.tobytes()


def test_a_canvas_may_stand_upright() -> None:
    assert ARTWORKS["ink"](width=64, height=80).size == (64, 80)


@pytest.mark.parametrize("name", ARTWORKS)
def test_artwork_too_small_for_a_brush_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"width = 63, height = 100: .* at least 64 pixels"):
        ARTWORKS[name](width=63, height=100)


@pytest.mark.parametrize("name", ARTWORKS)
def test_shipped_pictures_reach_from_dark_to_light(name: str) -> None:
    with Image.open(STYLES / f"{name}.jpg") as picture:
        dark, light = np.percentile(luma(picture), (5, 95))
    assert dark < 75
    assert light > 185


@pytest.mark.parametrize("name", ARTWORKS)
def test_shipped_pictures_are_covered_with_marks_and_not_with_flat_paint(name: str) -> None:
    with Image.open(STYLES / f"{name}.jpg") as picture:
        blocks = luma(picture).reshape(24, 32, 32, 32).std(axis=(1, 3))
    assert np.quantile(blocks, 0.02) > 4


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name == QUICK else pytest.mark.nightly) for name in ARTWORKS],
)
def test_the_shipped_picture_is_the_one_that_the_code_paints(name: str) -> None:
    with Image.open(STYLES / f"{name}.jpg") as picture:
        shipped = np.asarray(picture.convert("RGB"), dtype=np.float64)
    painted = np.asarray(ARTWORKS[name]())
    # What JPEG loses; pictures from other seeds are ten times as far.
    assert np.abs(shipped - painted).mean() < 8


@pytest.mark.parametrize("name", ARTWORKS)
def test_shipped_styles_were_learned_from_the_shipped_pictures(name: str) -> None:
    learned = load_model(STYLES / f"{name}.safetensors").metadata["artwork_sha256"]
    assert learned == read_artwork(STYLES / f"{name}.jpg").sha256


def test_shipped_pictures_differ_in_their_colors() -> None:
    means = {}
    for name in ARTWORKS:
        with Image.open(STYLES / f"{name}.jpg") as picture:
            cells = np.asarray(picture.convert("RGB")) // 64 @ (16, 4, 1)
        means[name] = np.bincount(cells.ravel(), minlength=64) / cells.size
    for first in means:
        for second in means.keys() - {first}:
            assert np.abs(means[first] - means[second]).sum() / 2 > 0.25, (first, second)


def test_the_command_writes_the_artworks_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ARTWORKS, "ink", lambda: Image.new("RGB", (8, 6)))
    done = CliRunner().invoke(main, [str(tmp_path / "new"), "ink"])
    assert done.exit_code == 0, done.output
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["ink.jpg"]


def test_the_command_refuses_a_name_that_it_does_not_know(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, [str(tmp_path), "fresco"])
    assert done.exit_code == 2
    assert "'fresco' is not one of 'brushwork', 'ink'" in done.output
    assert not list(tmp_path.iterdir())


def test_paint_flows_in_one_direction_at_a_time() -> None:
    x, y = flow_field(np.random.default_rng(0), 90, 120)
    np.testing.assert_allclose(np.hypot(x, y), 1, atol=1e-6)
    # Unit vectors along the contours of a potential: they turn, and keep their direction locally.
    turn = np.abs(np.diff(np.unwrap(np.arctan2(y, x), axis=1), axis=1))
    assert np.median(turn) < 0.1


def test_equalized_noise_gives_every_color_its_share() -> None:
    ranks = equalize(np.random.default_rng(0).normal(0, 1, (50, 60)) ** 3)
    shares = np.histogram(ranks, bins=5, range=(0, 1))[0] / ranks.size
    np.testing.assert_allclose(shares, 0.2, atol=0.01)


def test_colors_blend_between_neighbors_in_the_palette() -> None:
    palette = np.array([(0, 0, 0), (100, 200, 40), (100, 0, 40)], dtype=np.float64)
    np.testing.assert_allclose(blend(palette, [0, 0.25, 1]), [(0, 0, 0), (50, 100, 20), palette[2]])


def test_scattered_points_leave_no_hole_and_points_outside_pick_the_border() -> None:
    points = scatter(np.random.default_rng(0), 60, 80, spacing=10)
    y, x = np.mgrid[0:60, 0:80]
    distance = np.hypot(x[..., None] - points[:, 0], y[..., None] - points[:, 1]).min(axis=-1)
    assert distance.max() < 15
    field = np.arange(12, dtype=np.float64).reshape(3, 4)
    assert pick(field, np.array([(-5.0, 1.0), (9.0, 9.0)])).tolist() == [4, 11]
