from itertools import pairwise

import cv2
import numpy as np
import pytest

from benchmarks.measures import (
    PANEL_SIZE,
    PANELS,
    edge_picture,
    luma,
    match_histogram,
    palette_distance,
    rims,
    shift_error,
    step_back,
    tone_correlation,
)
from benchmarks.warping import Image
from style_pipeline_tests.benchmarks.scenes import checkerboard, flat, scenery

SCENE = scenery()
LEVEL = 1 / 255


def itself(picture: Image) -> Image:
    return picture


def test_a_palette_moved_by_levels_is_as_far_away_as_axes_see_of_it() -> None:
    gray = scenery() * 0.5
    brighter = gray + np.float32(20 * LEVEL)
    # The mean of |cos| over directions in space is 1/2, and the step is 20 levels in each channel.
    assert palette_distance(brighter, gray) == pytest.approx(20 * 3**0.5 / 2, rel=0.1)
    assert palette_distance(gray, gray) == 0


def test_a_palette_does_not_depend_on_where_colors_are_or_how_many_pixels_show_them() -> None:
    assert palette_distance(SCENE[::-1, ::-1], SCENE) < 1
    assert palette_distance(SCENE.repeat(2, axis=0), SCENE) < 1
    assert palette_distance(1 - SCENE, SCENE * 0.3) > 30


def test_a_tint_has_the_painting_s_palette_and_the_source_s_tones() -> None:
    painting = scenery(seed=1) ** 3
    tinted = match_histogram(SCENE, painting)
    assert np.sort(tinted[..., 1].ravel()) == pytest.approx(
        np.sort(painting[..., 1].ravel()), abs=0.01
    )
    assert palette_distance(SCENE, painting) > 5 * palette_distance(tinted, painting)
    assert tone_correlation(tinted, SCENE) > 0.9


def test_tones_agree_disagree_or_have_nothing_to_do_with_each_other() -> None:
    assert tone_correlation(SCENE, SCENE) == pytest.approx(1)
    assert tone_correlation(1 - SCENE, SCENE) == pytest.approx(-1)
    assert abs(tone_correlation(scenery(seed=5), SCENE)) < 0.3
    assert np.isnan(tone_correlation(flat(128, 192, 0.5, 0.5, 0.5), SCENE))


def test_fine_texture_does_not_change_tones() -> None:
    painted = 0.5 * SCENE + 0.5 * checkerboard(*SCENE.shape[:2])
    assert tone_correlation(painted, SCENE) > 0.95


def test_a_painter_that_follows_the_picture_has_no_shift_error() -> None:
    assert shift_error(itself, SCENE) == 0
    blurred = shift_error(lambda picture: np.asarray(cv2.GaussianBlur(picture, (0, 0), 1)), SCENE)
    assert blurred < 0.02


def test_texture_that_stays_where_the_pixels_are_is_shift_error() -> None:
    def weave(picture: Image) -> Image:
        return 0.9 * picture + 0.1 * checkerboard(*picture.shape[:2], side=2)

    assert shift_error(weave, SCENE) > 0.5
    assert shift_error(lambda picture: checkerboard(*picture.shape[:2], side=8), SCENE) > 0.5


def test_a_painting_without_texture_says_nothing_about_shifts() -> None:
    assert np.isnan(shift_error(lambda picture: flat(*picture.shape[:2], 0.2, 0.3, 0.4), SCENE))


def test_the_edge_picture_has_a_band_of_panels_between_film() -> None:
    picture = edge_picture(SCENE)
    width, height = PANEL_SIZE
    assert picture.shape == (2 * height, width * len(PANELS), 3)
    assert 255 * luma(picture)[height, width // 2 :: width] == pytest.approx(PANELS, abs=0.5)
    assert picture[:100].std() > 0.05


def halo(picture: Image, levels: float, *, first: int, last: int) -> Image:
    """``levels`` of light beside every edge of the panels, from pixel ``first`` to ``last`` on
    the side that is lighter."""
    painted = picture.copy()
    width = PANEL_SIZE[0]
    for edge, (left, right) in enumerate(pairwise(PANELS), start=1):
        at = edge * width
        side = slice(at + first, at + last) if right > left else slice(at - last, at - first)
        painted[:, side] += levels * LEVEL
    return painted


@pytest.mark.parametrize("levels", [5, 20, 50])
def test_an_overshoot_of_some_levels_is_measured_as_that(levels: int) -> None:
    measured = rims(lambda picture: halo(picture, levels, first=4, last=14), SCENE)
    assert measured == pytest.approx(levels, abs=0.1)


def test_dark_rims_count_as_light_ones_do() -> None:
    assert rims(lambda picture: halo(picture, -20, first=4, last=14), SCENE) == pytest.approx(
        20, abs=0.1
    )


def test_no_rim_is_a_picture_as_it_was_or_inverted_or_blurred_or_outlined() -> None:
    assert rims(itself, SCENE) == 0
    assert rims(lambda picture: 1 - picture, SCENE) == 0
    assert rims(lambda picture: np.asarray(cv2.GaussianBlur(picture, (0, 0), 5)), SCENE) < 0.1
    assert rims(lambda picture: halo(picture, -40, first=0, last=3), SCENE) == pytest.approx(
        0, abs=1e-3
    )


def test_texture_that_is_everywhere_is_no_rim() -> None:
    def stripes(picture: Image) -> Image:
        return picture + 10 * LEVEL * (np.arange(picture.shape[1]) // 4 % 2)[None, :, None]

    assert rims(stripes, SCENE) < 2


def test_a_step_back_is_how_far_a_rise_is_lost() -> None:
    assert step_back(np.array([1.0, 2, 5, 9])) == 0
    assert step_back(np.array([1.0, 6, 4, 9, 8])) == 2
