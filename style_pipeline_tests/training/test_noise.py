"""Noise as films have it."""

import torch
import torch.nn.functional as F

from style_pipeline.training.noise import film_noise

PICTURES = torch.zeros(1, 3, 60, 44)


def drawn(count: int, *, most: float = 0.03) -> list[torch.Tensor]:
    torch.manual_seed(1)
    return [film_noise(PICTURES, most=most) for _ in range(count)]


def coarseness(noise: torch.Tensor) -> float:
    """The share of it that is left at an eighth of the size."""
    return float(F.avg_pool2d(noise, 8, ceil_mode=True).std() / noise.std())


def test_it_is_of_the_pictures_shape_whatever_its_grain() -> None:
    assert {noise.shape for noise in drawn(40)} == {PICTURES.shape}


def test_it_is_never_stronger_than_asked_for() -> None:
    deviations = [float(noise.std()) for noise in drawn(200)]
    assert 0.02 < max(deviations) < 0.035
    assert not film_noise(PICTURES, most=0).any()


def test_it_is_fine_as_often_as_it_is_coarse_and_coarse_noise_is_weak() -> None:
    found = drawn(200)
    coarse = [noise for noise in found if coarseness(noise) > 0.5]
    fine = [noise for noise in found if coarseness(noise) < 0.2]
    assert len(coarse) > 40
    assert len(fine) > 25
    assert max(float(noise.std()) for noise in coarse) < 0.02


def test_the_same_random_state_draws_the_same() -> None:
    for one, other in zip(drawn(3), drawn(3), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)
