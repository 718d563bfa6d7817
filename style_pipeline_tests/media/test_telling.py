from pathlib import Path

from PIL import Image

from style_pipeline.media.telling import most_telling, telling_picture


def test_the_picture_with_the_most_to_see_is_the_most_telling() -> None:
    flat, noise = Image.new("RGB", (40, 40), "red"), Image.effect_noise((40, 40), 50).convert("RGB")
    assert most_telling([flat, noise, flat]) is noise


def test_a_picture_tells_most_of_itself(tmp_path: Path) -> None:
    Image.new("RGB", (80, 64), "red").save(tmp_path / "a.png")
    assert telling_picture(tmp_path / "a.png").getpixel((0, 0)) == (255, 0, 0)
