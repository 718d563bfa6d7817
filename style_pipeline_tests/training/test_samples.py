import torch

from style_pipeline.stylization.backends.network import as_network
from style_pipeline.training.fitting import Style
from style_pipeline.training.samples import sample_sheet
from style_pipeline_tests.training.quick import tiny_body


def test_photographs_of_any_size_stand_above_their_pictures_in_the_style() -> None:
    body = tiny_body()
    style = Style(as_network(body.network(body.styles[0])), torch.from_numpy(body.styles[0]))
    torch.manual_seed(0)
    photographs = [
        torch.randint(256, (3, *size), dtype=torch.uint8) for size in ((75, 101), (200, 90))
    ]
    sheet = sample_sheet(style, photographs, cell=100)
    # The first becomes 100x74, the second 45x100.
    assert sheet.size == (200, 200)
    assert sheet.getpixel((50, 90)) == (255, 255, 255)
    made = sheet.crop((0, 100, 100, 174))
    assert made.getextrema() != sheet.crop((0, 0, 100, 74)).getextrema()
    assert (255, 255) not in made.getextrema()
