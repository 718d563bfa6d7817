"""Pictures as they come."""

import io
import struct
import zlib

import pytest
from PIL import Image

from scoring_service.errors import Refused
from scoring_service.pictures import check_kind, read_picture
from scoring_service_tests.serving import picture


def why(data: bytes, kind: str = "image/png", *, megapixels: float = 1) -> tuple[int, str]:
    with pytest.raises(Refused) as refused:
        read_picture(data, kind, megapixels=megapixels)
    return refused.value.status_code, refused.value.detail


def png_of(width: int, height: int) -> bytes:
    """A header that promises so many pixels, and hardly any data."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_pictures_are_read_in_rgb(kind: str) -> None:
    image = read_picture(picture("red", kind), f"image/{kind.lower()}", megapixels=1)
    assert (image.mode, image.size) == ("RGB", (40, 30))


def test_a_picture_comes_upright() -> None:
    buffer, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 30)).save(buffer, "JPEG", exif=exif)
    assert read_picture(buffer.getvalue(), "image/jpeg", megapixels=1).size == (30, 40)


@pytest.mark.parametrize("size", [(1001, 1000), (40_000, 40_000), (2**31 - 1, 2**31 - 1)])
def test_too_many_pixels_are_refused_by_the_header_alone(size: tuple[int, int]) -> None:
    status, detail = why(png_of(*size))
    assert (status, "pixels" in detail) == (413, True)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no picture",
        picture("red")[:60],
        picture("red", "JPEG"),
        picture("red", "GIF"),
        png_of(100, 100),
    ],
)
def test_what_is_broken_or_of_another_kind_is_refused(data: bytes) -> None:
    status, detail = why(data)
    assert status == 422
    assert detail.startswith("the body is no PNG that can be read (")


def test_only_kinds_that_are_decoded_are_taken() -> None:
    assert check_kind("image/JPEG; charset=binary") == "image/jpeg"
    for kind in ("", "image/gif", "application/json", "image/svg+xml"):
        with pytest.raises(Refused, match="send image/jpeg, image/png, image/webp") as refused:
            check_kind(kind)
        assert refused.value.status_code == 415
