import torch

from style_pipeline.training.views import draw_view, shrunk
from style_pipeline_tests.training.quick import pictures


def test_a_view_is_a_random_square_in_range() -> None:
    torch.manual_seed(0)
    first, second = (draw_view(pictures(1)[0], side=64, zoom=(0.5, 1.5)) for _ in range(2))
    assert first.shape == (1, 3, 64, 64)
    assert 0 <= first.min() < first.max() <= 1
    assert not torch.equal(first, second)


def test_a_view_of_a_picture_that_is_too_small_is_all_of_its_shorter_side() -> None:
    tiny = torch.randint(256, (3, 20, 30), dtype=torch.uint8)
    assert draw_view(tiny, side=64, zoom=(0.5, 1.5)).shape == (1, 3, 64, 64)


def test_a_painting_is_made_smaller_and_never_larger() -> None:
    painting = torch.zeros(3, 400, 1000, dtype=torch.uint8)
    assert shrunk(painting, 500).shape == (1, 3, 200, 500)
    assert shrunk(painting, 4000).shape == (1, 3, 400, 1000)
