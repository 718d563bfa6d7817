from pathlib import Path

import pytest
from PIL import Image

from style_pipeline.media.still_pictures import BadPicture, is_still_picture, read_still_picture


def test_a_picture_keeps_its_size_and_color_profile_and_is_turned_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x112] = 6
    picture = Image.new("RGB", (120, 80), "blue")
    picture.save(tmp_path / "a.jpg", exif=exif, icc_profile=b"a profile")
    read = read_still_picture(tmp_path / "a.jpg")
    assert (read.size, read.mode, read.info) == ((80, 120), "RGB", {"icc_profile": b"a profile"})
    assert read_still_picture(tmp_path / "a.jpg", longest=60).size == (40, 60)


def test_what_is_transparent_becomes_white(tmp_path: Path) -> None:
    Image.new("RGBA", (64, 64), (255, 0, 0, 0)).save(tmp_path / "a.png")
    read = read_still_picture(tmp_path / "a.png")
    assert (read.getpixel((5, 5)), read.info) == ((255, 255, 255), {})


def test_what_is_no_picture_is_refused_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"hello")
    with pytest.raises(BadPicture, match=r"^a\.png is not a whole JPEG, PNG or WebP picture"):
        read_still_picture(tmp_path / "a.png")


@pytest.mark.parametrize(("name", "is_one"), [("a.JPG", True), ("b.webp", True), ("c.mp4", False)])
def test_a_picture_is_told_by_its_extension(name: str, is_one: bool) -> None:
    assert is_still_picture(name) is is_one
