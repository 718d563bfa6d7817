from pathlib import Path

import pytest
from PIL import Image, ImageCms

from style_pipeline.media.still_pictures import BadPicture, is_still_picture, read_still_picture

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def test_a_picture_keeps_its_size_and_color_profile_and_is_turned_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x112] = 6
    picture = Image.new("RGB", (120, 80), "blue")
    picture.save(tmp_path / "a.jpg", exif=exif, icc_profile=PROFILE)
    read = read_still_picture(tmp_path / "a.jpg")
    assert (read.size, read.mode, read.info) == ((80, 120), "RGB", {"icc_profile": PROFILE})
    assert read_still_picture(tmp_path / "a.jpg", longest=60).size == (40, 60)


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_a_profile_of_grays_is_not_kept_for_what_becomes_rgb(tmp_path: Path, name: str) -> None:
    grays = PROFILE[:16] + b"GRAY" + PROFILE[20:]
    Image.new("L", (64, 64), 90).save(tmp_path / name, icc_profile=grays)
    read = read_still_picture(tmp_path / name)
    assert (read.mode, read.getpixel((5, 5)), read.info) == ("RGB", (90, 90, 90), {})


def test_what_is_transparent_becomes_white(tmp_path: Path) -> None:
    Image.new("RGBA", (64, 64), (255, 0, 0, 0)).save(tmp_path / "a.png")
    read = read_still_picture(tmp_path / "a.png")
    assert (read.getpixel((5, 5)), read.info) == ((255, 255, 255), {})


def test_what_is_no_picture_is_refused_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"hello")
    with pytest.raises(BadPicture, match=r"^a\.png is not a whole JPEG, PNG or WebP picture"):
        read_still_picture(tmp_path / "a.png")


@pytest.mark.parametrize("name", ["a.jpg", "folder/b.JPEG", "c.d.png", "e.webp"])
def test_a_picture_is_told_by_its_extension(name: str) -> None:
    assert is_still_picture(name)


@pytest.mark.parametrize("name", ["readme.txt", "jpg", "folder.jpg/readme", ".jpg", "a.gif", ""])
def test_other_files_are_none(name: str) -> None:
    assert not is_still_picture(name)
