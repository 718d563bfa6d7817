import pytest
import torch

from style_pipeline.training.losses import (
    content_loss,
    gram_matrix,
    mean_energy,
    palette_loss,
    style_loss,
    tone_loss,
)


def test_a_gram_matrix_is_the_mean_product_of_every_pair_of_channels() -> None:
    features = torch.tensor([[[[1.0, 2.0]], [[3.0, -1.0]]]])
    expected = torch.tensor([[[2.5, 0.5], [0.5, 5.0]]])
    torch.testing.assert_close(gram_matrix(features), expected)


def test_a_gram_matrix_does_not_care_where_things_are_or_how_large_the_picture_is() -> None:
    features = torch.rand(1, 5, 8, 6)
    shuffled = features.flatten(2)[..., torch.randperm(48)].reshape(1, 5, 6, 8)
    torch.testing.assert_close(gram_matrix(shuffled), gram_matrix(features))
    torch.testing.assert_close(gram_matrix(features.repeat(1, 1, 3, 2)), gram_matrix(features))


def test_a_picture_loses_nothing_against_itself() -> None:
    features = torch.rand(2, 5, 8, 8)
    assert content_loss(features, features, energy=torch.tensor(1.0)) == 0
    same = torch.rand(1, 5, 8, 8).expand(2, -1, -1, -1)
    assert style_loss(same, gram_matrix(same[:1])).abs() < 1e-6
    picture = torch.nn.functional.interpolate(torch.rand(1, 3, 8, 8), scale_factor=16)
    assert tone_loss(picture, picture) < 0.05
    assert palette_loss(picture, picture) < 0.2


def test_losses_are_relative_to_the_target() -> None:
    target = torch.rand(2, 5, 8, 8)
    # Features of zero miss exactly all of the target.
    missed = content_loss(0 * target, target, energy=mean_energy(target))
    torch.testing.assert_close(missed, torch.tensor(1.0))
    missed = style_loss(0 * target, gram_matrix(target[:1]))
    torch.testing.assert_close(missed, torch.tensor(1.0), rtol=1e-3, atol=0)


def test_the_style_loss_has_a_finite_slope_at_its_goal() -> None:
    features = torch.rand(1, 5, 8, 8)
    goal = gram_matrix(features)
    features.requires_grad_()
    style_loss(features, goal).backward()  # type: ignore[no-untyped-call]
    assert features.grad is not None
    assert features.grad.isfinite().all()


def test_a_palette_is_colors_wherever_they_are() -> None:
    torch.manual_seed(0)
    picture = torch.rand(1, 3, 64, 64)
    mirrored, darker = picture.flip(3), picture / 2
    assert palette_loss(mirrored, picture) < 0.2 < palette_loss(darker, picture)


@pytest.mark.parametrize(("gain", "expected"), [(0.5, 0.0), (-1.0, 2.0)])
def test_tone_is_light_and_dark_however_strong(gain: float, expected: float) -> None:
    torch.manual_seed(0)
    coarse = torch.nn.functional.interpolate(torch.rand(1, 3, 8, 8), scale_factor=16)
    changed = 0.5 + gain * (coarse - 0.5)
    assert tone_loss(changed, coarse).item() == pytest.approx(expected, abs=0.05)
