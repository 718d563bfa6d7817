import numpy as np
import numpy.typing as npt
import pytest

from benchmarks.warping import Image, occlusion_mask, optical_flow, warping_error

HEIGHT, WIDTH = 96, 128
VISIBLE = np.zeros((HEIGHT, WIDTH), bool)


def scenery(seed: int = 0) -> Image:
    """A smooth random picture, larger than a frame by 16 pixels on each side."""
    noise = np.random.default_rng(seed).random((HEIGHT + 32, WIDTH + 32, 3))
    for axis in (0, 1):
        for _ in range(6):
            noise = (np.roll(noise, 1, axis) + noise + np.roll(noise, -1, axis)) / 3
    low, high = noise.min(), noise.max()
    return np.asarray((noise - low) / (high - low), np.float32)


def view(scene: Image, *, right: int = 0, down: int = 0) -> Image:
    """A frame whose camera has moved left and up: what it shows moves right and down."""
    return scene[16 - down : 16 - down + HEIGHT, 16 - right : 16 - right + WIDTH].copy()


def constant_flow(x: float, y: float) -> npt.NDArray[np.float32]:
    return np.full((HEIGHT, WIDTH, 2), (x, y), np.float32)


def test_a_translated_picture_has_no_warping_error() -> None:
    scene = scenery()
    flow = constant_flow(5, 3)
    occluded = occlusion_mask(flow, -flow)
    first, second = view(scene), view(scene, right=5, down=3)
    assert warping_error(first, second, flow, occluded) == pytest.approx(0, abs=1e-10)
    assert warping_error(first, second, constant_flow(0, 0), occluded) > 1e-3


def test_noise_that_changes_from_frame_to_frame_counts_twice_its_variance() -> None:
    scene, noise = scenery(), np.random.default_rng(1)
    flow = constant_flow(5, 3)
    first, second = (
        (frame + noise.normal(0, 0.1, frame.shape)).astype(np.float32)
        for frame in (view(scene), view(scene, right=5, down=3))
    )
    error = warping_error(first, second, flow, occlusion_mask(flow, -flow))
    assert error == pytest.approx(2 * 0.1**2, rel=0.03)


def test_what_is_masked_does_not_count() -> None:
    first, second = np.zeros((HEIGHT, WIDTH, 3), np.float32), view(scenery())
    second[:, 64:] = 0
    occluded = VISIBLE.copy()
    occluded[:, :64] = True
    assert warping_error(first, second, constant_flow(0, 0), occluded) == 0
    assert warping_error(first, second, constant_flow(0, 0), ~occluded) > 0.01
    assert np.isnan(warping_error(first, second, constant_flow(0, 0), ~VISIBLE))


def test_only_what_leaves_the_picture_is_masked_when_everything_moves() -> None:
    flow = constant_flow(5, -3)
    expected = VISIBLE.copy()
    expected[:, -5:] = expected[:3] = True
    assert np.array_equal(occlusion_mask(flow, -flow), expected)


def test_what_an_object_covers_is_masked_and_so_is_its_edge() -> None:
    # A square of 20 pixels at (40, 30) moves 10 to the right over a still background.
    forward, backward = constant_flow(0, 0), constant_flow(0, 0)
    forward[30:50, 40:60, 0] = 10
    backward[30:50, 50:70, 0] = -10
    occluded = occlusion_mask(forward, backward)
    assert occluded[30:50, 60:70].all(), "the background that the square comes to cover"
    assert occluded[30:50, 39:41].all(), "the edge of the square"
    assert not occluded[32:48, 42:58].any(), "the inside of the square"
    assert not occluded[:28].any(), "the background far from it"


def test_the_optical_flow_of_a_translation_is_found() -> None:
    scene = scenery()
    flow = optical_flow(view(scene), view(scene, right=4, down=-2))
    assert flow[16:-16, 16:-16].reshape(-1, 2).mean(0) == pytest.approx([4, -2], abs=0.1)
