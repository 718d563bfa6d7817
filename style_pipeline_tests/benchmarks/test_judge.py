from functools import partial

import numpy as np
import pytest
import torch

from benchmarks.film import MATERIAL, Clip, Frame
from benchmarks.judge import (
    CONTENT_LAYERS,
    STYLE_LAYERS,
    Painting,
    Scores,
    content_distance,
    covariance,
    default_network,
    flat_windows,
    judge_halves,
    judge_painter,
    look,
    relative_error,
    steadiness,
)
from benchmarks.measures import luma, match_histogram
from benchmarks.warping import Image
from style_pipeline_tests.benchmarks.scenes import checkerboard, scenery

HAS_WEIGHTS = (MATERIAL / "weights/squeezenet_v1_0_imagenet_fp16.safetensors").exists()
shared = pytest.mark.shared
needs_weights = pytest.mark.skipif(not HAS_WEIGHTS, reason="no weights beside the project")


def test_the_covariance_is_that_of_numpy() -> None:
    features = torch.rand(500, 7) * 3 + 5
    expected = np.cov(features.numpy(), rowvar=False, bias=True)
    assert covariance(features).numpy() == pytest.approx(expected, abs=1e-4)


def test_an_unpainted_plane_is_as_wrong_as_can_be_and_equal_texture_right() -> None:
    wanted = {layer: torch.eye(3) * 2 for layer in STYLE_LAYERS}
    nothing = {layer: torch.zeros(3, 3) for layer in STYLE_LAYERS}
    assert relative_error(nothing, wanted) == pytest.approx(1)
    assert relative_error(wanted, wanted) == 0


def test_content_is_0_of_itself_and_1_of_what_has_nothing_to_do_with_it() -> None:
    one = {layer: torch.rand(20_000, 4) for layer in CONTENT_LAYERS}
    other = {layer: torch.rand(20_000, 4) for layer in CONTENT_LAYERS}
    assert content_distance(one, one) == 0
    assert content_distance(one, other) == pytest.approx(1, abs=0.02)


def test_the_flattest_quarter_of_windows_is_found() -> None:
    picture = checkerboard(256, 512, side=4)
    picture[:64, :] = 0.5  # eight windows of thirty-two: a sky
    mask = flat_windows(picture)
    assert mask[:64].all()
    assert not mask[64:].any()
    with pytest.raises(ValueError, match="at least four windows of 64 pixels"):
        flat_windows(picture[:64, :128])


def test_a_painting_that_flickers_is_unsteady_by_its_own_variance() -> None:
    frames = [scenery(seed=3)] * 3
    clip = Clip("still", frames)
    assert steadiness(lambda picture: picture, clip).warping == 0
    noise = iter(np.random.default_rng(0).normal(0, 0.1, (3, *frames[0].shape)).astype(np.float32))
    flickering = steadiness(lambda picture: picture + next(noise), clip)
    assert flickering.warping == pytest.approx(2 * 0.1**2, rel=0.05)
    variance = float(frames[0].var((0, 1)).mean()) + 0.1**2
    assert flickering.relative == pytest.approx(2 * 0.1**2 / variance, rel=0.05)


def test_means_leave_out_what_nothing_can_be_said_of() -> None:
    assert np.isnan(Scores(style=1, flat=1, palette=1).warping)


@pytest.fixture(scope="module")
def painting() -> Painting:
    """Blots of two colors all over; of the size that the judge sees paintings at."""
    blots = luma(scenery(560, 800, seed=8))[..., None] > 0.5
    colors = np.array([[0.9, 0.7, 0.2], [0.1, 0.2, 0.4]], np.float32)
    return Painting("blots", "blots.jpg", np.where(blots, colors[0], colors[1]))


@pytest.fixture(scope="module")
def frame() -> Frame:
    picture = 0.6 * scenery(512, 640)
    picture[192:320] = 0.7  # a quarter of the windows, away from the judge's padding
    return Frame("scene", picture)


@shared
@needs_weights
def test_a_tint_loses_against_a_painter_and_the_halves_win(
    painting: Painting, frame: Frame
) -> None:
    def paint(picture: Image) -> Image:
        height, width = picture.shape[:2]
        return np.tile(painting.image, (2, 2, 1))[:height, :width]

    source = judge_painter(lambda picture: picture, painting, [frame])
    tint = judge_painter(partial(match_histogram, painting=painting.image), painting, [frame])
    painted = judge_painter(paint, painting, [frame])
    halves = judge_halves(painting)
    assert source.content == 0
    assert tint.palette < source.palette
    for name in ("style", "flat"):
        whole, tinted, made, own = (getattr(each, name) for each in (source, tint, painted, halves))
        assert min(whole, tinted) > 1.2 * max(made, own), name


@shared
@needs_weights
def test_the_flat_windows_show_a_sky_that_was_left_out_and_nothing_else(
    painting: Painting, frame: Frame
) -> None:
    flat_there = flat_windows(frame.image)
    with_sky = np.tile(painting.image, (2, 2, 1))[:512, :640].copy()
    without, elsewhere = with_sky.copy(), with_sky.copy()
    without[192:320] = elsewhere[:128] = (0.5, 0.4, 0.1)
    painted, empty, busy = (
        relative_error(look(default_network(), picture, flat_there).flat, painting.seen)
        for picture in (with_sky, without, elsewhere)
    )
    assert empty > painted + 0.3
    assert abs(busy - painted) < 0.1 * (empty - painted)


@shared
@needs_weights
def test_the_judge_knows_a_cat_when_it_sees_one() -> None:
    from PIL import Image as Pictures

    network = default_network()
    with Pictures.open(MATERIAL / "images/imagenet-labelled/skimage_chelsea.png") as picture:
        pixels = np.asarray(picture.convert("RGB").resize((227, 227)), np.float32) / 255
    seen = network.features(torch.from_numpy(pixels).permute(2, 0, 1)[None])["fire9"]
    weight, bias = (network.weights[f"conv_final.{name}"] for name in ("weight", "bias"))
    logits = torch.nn.functional.conv2d(seen, weight, bias, padding=1).relu().mean((0, 2, 3))
    assert int(logits.argmax()) in (281, 282, 285), "tabby, tiger cat, Egyptian cat"
