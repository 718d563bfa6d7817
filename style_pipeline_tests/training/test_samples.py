import numpy as np
import pytest
import torch
from PIL import Image

from style_pipeline.stylization.brushing import brushed
from style_pipeline.training.fitting import Style
from style_pipeline.training.samples import GAP, WIDTH, sample_sheet, stylized
from style_pipeline_tests.training.quick import tiny_body, tiny_network


@pytest.fixture
def style() -> Style:
    return Style(tiny_network(), torch.from_numpy(tiny_body().styles[0]))


def test_samples_are_brushed_as_films_are(style: Style) -> None:
    photograph = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 80, 3), np.uint8))
    style.brush(0)
    plain = np.asarray(stylized(style, photograph).convert("YCbCr"))
    style.brush(1)
    found = np.asarray(stylized(style, photograph).convert("YCbCr"))
    expected = brushed(np.moveaxis(plain, 2, 0), 1)[0]
    off, changed = (
        np.abs(found[..., 0].astype(float) - each).mean() for each in (expected, plain[..., 0])
    )
    assert off < changed / 10  # conversions of colors round and cut off


def test_photographs_of_any_size_stand_beside_their_pictures_below_the_painting(
    style: Style,
) -> None:
    torch.manual_seed(0)
    style.brush(0)
    photographs = [
        torch.randint(256, (3, *size), dtype=torch.uint8) for size in ((75, 101), (200, 90))
    ]
    painting = Image.new("RGB", (400, 300), "red")
    sheet = sample_sheet(style, photographs, painting=painting, width=212)
    # The painting becomes 133x100, the first photograph 100x74, the second 45x100.
    assert sheet.size == (212, 4 * GAP + 100 + 74 + 100)
    assert sheet.getpixel((GAP + 60, GAP + 50)) == (255, 0, 0)
    assert sheet.getpixel((GAP + 140, GAP + 50)) == (255, 255, 255)
    top = 2 * GAP + 100
    source = sheet.crop((GAP, top, GAP + 100, top + 74))
    made = sheet.crop((2 * GAP + 100, top, 2 * GAP + 200, top + 74))
    assert made.getextrema() != source.getextrema()
    assert (255, 255) not in made.getextrema()


def test_a_sheet_is_as_wide_as_a_page_however_many_samples_there_are(style: Style) -> None:
    wide = [torch.zeros((3, 60, 1600), dtype=torch.uint8)] * 4
    painting = Image.new("RGB", (3000, 100), "red")
    assert sample_sheet(style, wide, painting=painting).width == WIDTH == 1100
