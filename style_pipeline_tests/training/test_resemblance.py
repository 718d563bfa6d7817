"""What a body learns beside pixels: steps, strokes and textures."""

import torch
from torch import Tensor

from style_pipeline.training.resemblance import (
    step_distance,
    steps,
    stroke_distance,
    texture_distance,
)


def hatched(*, down: int, shift: int = 0, contrast: float = 0.4, side: int = 192) -> Tensor:
    """Strokes of 16 pixels, (1, 3, side, side); ``down`` is how steeply they run."""
    y, x = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    wave = torch.sin((x + down * y + shift) * 2 * torch.pi / 16)
    return (0.5 + contrast * wave).expand(1, 3, side, side).clone()


def texture(made: Tensor, wanted: Tensor) -> float:
    return sum(float(texture_distance(made, wanted, seed=seed)) for seed in range(2)) / 2


def test_steps_are_differences_of_neighbors() -> None:
    picture = torch.arange(12.0).view(1, 1, 3, 4)
    across, down = steps(picture)
    assert (across == 1).all()
    assert (down == 4).all()
    assert (across.shape, down.shape) == ((1, 1, 3, 3), (1, 1, 2, 4))
    assert step_distance(picture, 3 * picture) == 2 + 8


def test_strokes_may_lie_anywhere_but_must_be_there_and_run_as_they_are_to() -> None:
    wanted, moved = hatched(down=0), hatched(down=0, shift=8)
    near = stroke_distance(moved, wanted)
    assert near < stroke_distance(hatched(down=0, contrast=0.2), wanted) / 5
    assert near < stroke_distance(hatched(down=1), wanted) / 5


def test_textures_differ_by_contrast_color_and_direction_and_not_by_place() -> None:
    wanted, moved = hatched(down=0), hatched(down=0, shift=8)
    near = texture(moved, wanted)
    tinted = wanted * torch.tensor([1.0, 0.8, 0.6]).view(3, 1, 1)
    for other in (hatched(down=0, contrast=0.2), hatched(down=1), tinted):
        assert near < texture(other, wanted) / 2
    assert texture(wanted, wanted) == 0


def test_the_mean_of_all_places_of_strokes_is_nearer_by_pixels_and_farther_by_texture() -> None:
    wanted, flat, moved = (
        hatched(down=0),
        torch.full((1, 3, 192, 192), 0.5),
        hatched(down=0, shift=6),
    )
    assert (flat - wanted).abs().mean() < (moved - wanted).abs().mean()
    assert texture(flat, wanted) > 4 * texture(moved, wanted)


def test_textures_stay_in_their_windows() -> None:
    wanted = torch.cat([hatched(down=0), hatched(down=0, contrast=0)], 3)
    swapped = wanted.flip(3)
    assert texture(swapped, wanted) > 4 * texture(wanted.roll(8, 3), wanted)


def test_small_views_are_not_compared_at_sizes_at_which_no_window_fits() -> None:
    small = torch.rand(2, 3, 24, 24)
    assert texture_distance(small, small + 1, seed=0) == 0


def test_the_same_seed_gives_the_same_distance_and_a_gradient() -> None:
    wanted = hatched(down=0)
    made = (wanted + 0.1).requires_grad_()
    distance = texture_distance(made, wanted, seed=3)
    assert distance == texture_distance(made, wanted, seed=3)
    assert distance != texture_distance(made, wanted, seed=4)
    (gradient,) = torch.autograd.grad(distance, made)
    assert torch.isfinite(gradient).all()
    assert gradient.abs().max() > 0
