from pathlib import Path

import pytest
from PIL import Image

from style_pipeline.media.still_pictures import BadPicture, read_still_picture


@pytest.mark.parametrize(("mode", "extension"), [("RGB", "jpg"), ("RGBA", "png"), ("L", "webp")])
def test_a_picture_is_read_as_rgb_and_reduced(mode: str, extension: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{extension}"
    Image.new(mode, (400, 200)).save(path)
    found = read_still_picture(path, longest=100)
    assert (found.mode, found.size) == ("RGB", (100, 50))


def test_what_is_no_picture_or_too_small_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_bytes(b"this is no picture")
    Image.new("RGB", (400, 20)).save(tmp_path / "thin.png")
    for name in ("text.png", "thin.png"):
        with pytest.raises(BadPicture):
            read_still_picture(tmp_path / name)
