import gc
import weakref
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageStat

from style_pipeline import preview as preview_module
from style_pipeline.media.images import CAPTION
from style_pipeline.preview import CELL, GAP, Preview, captioned_sheet
from style_pipeline.styles import shipped_styles
from style_pipeline.stylization.engine import Engine
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


@pytest.mark.parametrize(("bound", "value"), [("MOST_ENGINES", 2), ("MOST_PIXELS", 7500)])
def test_only_networks_of_the_latest_sizes_are_kept(
    bound: str, value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each holds memory of its own, and a service is sent pictures of any number of sizes."""
    monkeypatch.setattr(preview_module, bound, value)
    loaded: list[weakref.ref[Engine]] = []
    load = Engine.load

    def noted(*given: Any, **options: Any) -> Engine:
        engine = load(*given, **options)
        loaded.append(weakref.ref(engine))
        return engine

    monkeypatch.setattr(Engine, "load", noted)
    model, preview = load_model(shipped_styles()["great-wave"]), Preview(device="cpu")
    for width in (48, 64, 48, 80):
        preview.stylize(Image.new("RGB", (width, 48)), model)
    gc.collect()
    assert [engine() is not None for engine in loaded] == [True, False, True]


def test_pictures_stand_in_rows_above_their_captions() -> None:
    red, blue = (Image.new("RGB", (20, 10), color) for color in ("red", "blue"))
    sheet = captioned_sheet({"one": red, "two": blue, "three": red})
    height = CELL // 2
    assert sheet.size == (2 * (CELL + GAP) + GAP, 2 * (height + CAPTION + GAP) + GAP)
    assert sheet.getpixel((GAP + 50, GAP + 25)) == (255, 0, 0)
    assert sheet.getpixel((GAP + CELL + GAP + 50, GAP + 25)) == (0, 0, 255)
    caption = sheet.crop((GAP, GAP + height, GAP + CELL, GAP + height + CAPTION)).convert("L")
    assert np.asarray(caption).min() < 128
