import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from style_pipeline.media.still_pictures import BadPicture, is_still_picture, read_still_picture
from style_pipeline_tests.hostile_files import png_header

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def noise(width: int = 90, height: int = 70, mode: str = "RGB") -> Image.Image:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels).convert(mode)


def write(path: Path, image: Image.Image, **options: Any) -> Path:
    image.save(path, **options)
    return path


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        *(("a.png", mode) for mode in ("RGB", "L", "P", "1")),
        *(("a.jpg", mode) for mode in ("RGB", "L")),
        ("a.webp", "RGB"),
    ],
)
def test_pictures_of_every_plain_kind_are_read(tmp_path: Path, name: str, mode: str) -> None:
    image = noise(mode=mode)
    options = {"lossless": True} if name == "a.webp" else {}
    read = read_still_picture(write(tmp_path / name, image, **options))
    assert (read.mode, read.size) == ("RGB", (90, 70))
    if name != "a.jpg":
        assert read.tobytes() == image.convert("RGB").tobytes()


def test_a_file_is_what_its_content_says_whatever_its_name(tmp_path: Path) -> None:
    noise().save(tmp_path / "a.jpg", format="PNG")
    assert read_still_picture(tmp_path / "a.jpg").size == (90, 70)


@pytest.mark.parametrize(
    ("kind", "mode"), [("png", "RGB"), ("png", "P"), ("jpg", "RGB"), ("webp", "RGB")]
)
def test_a_picture_is_turned_upright(tmp_path: Path, kind: str, mode: str) -> None:
    exif = Image.Exif()
    exif[0x112] = 6  # turned by a quarter to the left: what was left is on top
    image = Image.new("RGB", (120, 80), "blue")
    image.paste("red", (0, 0, 40, 80))
    path = write(tmp_path / f"a.{kind}", image.convert(mode), exif=exif)
    read = read_still_picture(path)
    assert read.size == (80, 120)
    red, _, blue = np.asarray(read)[10, 40]
    assert red > 200
    assert blue < 60


@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_the_long_side_is_reduced(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path / f"a.{kind}", noise(3000, 1500))
    assert read_still_picture(path, longest=300).size == (300, 150)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_is_white(tmp_path: Path, mode: str) -> None:
    image = noise(mode="RGBA")
    image.putalpha(255)
    image.paste((0, 0, 0, 0), (0, 0, 45, 70))
    image = image.quantize(64) if mode == "P" else image.convert(mode)
    pixels = np.asarray(read_still_picture(write(tmp_path / "a.png", image)))
    assert (pixels[:, :40] == 255).all()
    assert (pixels[:, 50:] < 255).any()


def animated(path: Path) -> Path:
    frames = [noise(), noise().rotate(180)]
    return write(path, frames[0], save_all=True, append_images=frames[1:], duration=100)


def deep(path: Path) -> Path:
    ramp = np.arange(80 * 80, dtype=np.uint16).reshape(80, 80)
    return write(path, Image.fromarray(ramp))


def deep_rgb(path: Path) -> Path:
    row = b"\0" + bytes(80 * 6)
    data = png_header(80, 80, depth=16)[:33]
    body = b"IDAT" + zlib.compress(row * 80)
    data += struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    path.write_bytes(data + b"\0\0\0\0IEND" + struct.pack(">I", zlib.crc32(b"IEND")))
    return path


def content(data: bytes) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        path.write_bytes(data)
        return path

    return make


def encoded(image: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "make", "wrong"),
    [
        ("a.png", content(b"no picture"), "is not a whole JPEG, PNG or WebP picture: export"),
        ("a.png", content(b""), "is not a whole JPEG, PNG or WebP picture: export it as one"),
        ("a.jpg", content(encoded(noise(), "GIF")), "is not a whole JPEG, PNG or WebP picture"),
        ("a.jpg", content(encoded(noise(), "TIFF")), "is not a whole JPEG, PNG or WebP picture"),
        ("a.webp", content(encoded(noise(), "WEBP")[:900]), "is damaged or ends too early"),
        ("a.jpg", content(encoded(noise(), "JPEG")[:900]), "is damaged or ends too early"),
        ("a.png", content(encoded(noise(), "PNG")[:900]), "is damaged or ends too early: export"),
        ("a.png", content(png_header(800, 600)), "is damaged or ends too early: export it again"),
        ("a.png", lambda path: write(path, noise(1, 1)), "has 1x1 pixels: it needs at least 64 a"),
        ("a.png", lambda path: write(path, noise(63, 500)), "has 63x500 pixels: it needs at least"),
        ("a.png", lambda path: write(path, noise(64, 600)), "too long and narrow: crop it"),
        (
            "a.jpg",
            lambda path: write(path, noise(mode="CMYK")),
            "has CMYK colors: export it as RGB",
        ),
        ("a.png", deep, "has more than 8 bits a channel: export it as"),
        ("a.png", deep_rgb, "has more than 8 bits a channel: export it as RGB with 8"),
        ("a.png", animated, "is animated: export one picture of it"),
        ("a.webp", animated, "is animated: export one picture of it"),
        ("a.png", content(png_header(30000, 30000)), "is larger than 80 megapixels: reduce it"),
        ("a.png", content(png_header(9000, 9000)), "megapixels: reduce it (9000x9000 pixels)"),
    ],
)
def test_a_picture_that_cannot_be_used_is_refused_with_what_to_do(
    tmp_path: Path, name: str, make: Callable[[Path], Path], wrong: str
) -> None:
    with pytest.raises(BadPicture) as raised:
        read_still_picture(make(tmp_path / name))
    assert str(raised.value).startswith(f"{name} ")
    assert wrong in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_pictures_that_phones_hide_behind_a_jpeg_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "phone.jpg"
    noise().save(path, format="MPO", save_all=True, append_images=[noise(64, 48)])
    assert read_still_picture(path).size == (90, 70)


def test_a_picture_that_is_not_there_is_called_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_still_picture(tmp_path / "none.jpg")


def test_whatever_bytes_are_damaged_the_failure_is_a_clear_one(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    whole = [encoded(noise(), kind) for kind in ("PNG", "JPEG", "WEBP")]
    path = tmp_path / "a.png"
    refused = 0
    for turn in range(150):
        data = bytearray(whole[turn % 3])
        for place in rng.integers(0, min(len(data), 400), 4):
            data[place] = rng.integers(0, 256)
        path.write_bytes(data)
        try:
            read_still_picture(path)
        except BadPicture:
            refused += 1
    assert refused > 50


def test_a_picture_keeps_its_color_profile(tmp_path: Path) -> None:
    noise().save(tmp_path / "a.jpg", icc_profile=PROFILE)
    assert read_still_picture(tmp_path / "a.jpg").info == {"icc_profile": PROFILE}


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_a_profile_of_grays_is_not_kept_for_what_becomes_rgb(tmp_path: Path, name: str) -> None:
    grays = PROFILE[:16] + b"GRAY" + PROFILE[20:]
    Image.new("L", (64, 64), 90).save(tmp_path / name, icc_profile=grays)
    read = read_still_picture(tmp_path / name)
    assert (read.mode, read.getpixel((5, 5)), read.info) == ("RGB", (90, 90, 90), {})


@pytest.mark.parametrize("name", ["a.jpg", "folder/b.JPEG", "c.d.png", "e.webp"])
def test_a_picture_is_told_by_its_extension(name: str) -> None:
    assert is_still_picture(name)


@pytest.mark.parametrize("name", ["readme.txt", "jpg", "folder.jpg/readme", ".jpg", "a.gif", ""])
def test_other_files_are_none(name: str) -> None:
    assert not is_still_picture(name)
