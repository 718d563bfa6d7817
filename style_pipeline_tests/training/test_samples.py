import pytest
import torch

from style_pipeline.stylization.backends.network import ARCHITECTURES
from style_pipeline.training.samples import paint_samples


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_photographs_of_any_size_stand_above_their_paintings(architecture: str) -> None:
    torch.manual_seed(0)
    network = ARCHITECTURES[architecture](channels=(4, 8, 8), residual_blocks=1)
    photographs = [
        torch.randint(256, (3, *size), dtype=torch.uint8) for size in ((75, 101), (200, 90))
    ]
    sheet = paint_samples(network, photographs, cell=100)
    # The first becomes 100x74, the second 45x100.
    assert sheet.size == (200, 200)
    assert sheet.getpixel((50, 90)) == (255, 255, 255)
    painted = sheet.crop((0, 100, 100, 174))
    assert painted.getextrema() != sheet.crop((0, 0, 100, 74)).getextrema()
    assert (255, 255) not in painted.getextrema()
