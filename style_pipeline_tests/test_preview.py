import numpy as np
import pytest
from PIL import Image, ImageChops, ImageStat

from style_pipeline.media.images import CAPTION
from style_pipeline.preview import GAP, Preview, captioned_sheet
from style_pipeline.styles import shipped_styles
from style_pipeline.stylization.model_file import load_model


@pytest.mark.parametrize("size", [(64, 48), (65, 48), (64, 49), (65, 49)])
def test_a_picture_of_any_size_keeps_it_and_at_no_strength_its_colors(
    size: tuple[int, int],
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*size[::-1], 3), dtype=np.uint8)
    picture = Image.fromarray(noise)
    model = load_model(shipped_styles()["great-wave"])
    preview = Preview(device="cpu")
    same = preview.stylize(picture, model, strength=0)
    assert same.size == size
    assert max(ImageStat.Stat(ImageChops.difference(same, picture)).mean) < 1.5
    stylized = preview.stylize(picture, model)
    assert stylized.size == size
    assert min(ImageStat.Stat(ImageChops.difference(stylized, picture)).mean) > 10


def test_pictures_stand_in_rows_above_their_captions() -> None:
    red, blue = (Image.new("RGB", (20, 10), color) for color in ("red", "blue"))
    sheet = captioned_sheet({"one": red, "two": blue, "three": red}, cell=100)
    assert sheet.size == (2 * (100 + GAP) + GAP, 2 * (50 + CAPTION + GAP) + GAP)
    assert sheet.getpixel((GAP + 50, GAP + 25)) == (255, 0, 0)
    assert sheet.getpixel((GAP + 100 + GAP + 50, GAP + 25)) == (0, 0, 255)
    caption = sheet.crop((GAP, GAP + 50, GAP + 100, GAP + 50 + CAPTION)).convert("L")
    assert np.asarray(caption).min() < 128
