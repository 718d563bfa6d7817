import pytest
import torch
from torch import Tensor

from style_pipeline.training.views import draw_view, shrunk


def picture(height: int, width: int) -> Tensor:
    return torch.randint(256, (3, height, width), dtype=torch.uint8)


@pytest.mark.parametrize("zoom", [(0.4, 0.4), (1.0, 1.0), (3.0, 3.0)])
@pytest.mark.parametrize("size", [(40, 60), (64, 50), (20, 20)])
def test_a_view_is_a_square_of_the_size_asked_for(
    size: tuple[int, int], zoom: tuple[float, float]
) -> None:
    view = draw_view(picture(*size), side=32, zoom=zoom)
    assert view.shape == (1, 3, 32, 32)
    assert 0 <= view.min() < view.max() <= 1


def test_near_views_show_less_of_the_picture_than_far_ones() -> None:
    across = torch.linspace(0, 255, 256).byte().expand(3, 256, 256)
    torch.manual_seed(0)

    def shown(zoom: float) -> float:
        views = [draw_view(across, side=32, zoom=(zoom, zoom)).mean((0, 1, 2)) for _ in range(8)]
        return sum(float(view.max() - view.min()) for view in views)

    assert shown(4.0) < 0.3 * shown(0.2)


def test_views_come_from_torch_s_random_state() -> None:
    given = picture(64, 64)
    views = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        views.append(draw_view(given, side=32, zoom=(0.5, 2.0)))
    assert torch.equal(views[0], views[1])
    assert not torch.equal(views[0], views[2])


@pytest.mark.parametrize(
    ("size", "expected"), [((100, 200), (40, 80)), ((60, 50), (60, 50)), ((200, 20), (80, 32))]
)
def test_a_painting_is_made_smaller_and_never_larger(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    small = shrunk(picture(*size), 80)
    assert small.shape == (1, 3, *expected)
    assert 0 <= small.min() < small.max() <= 1
