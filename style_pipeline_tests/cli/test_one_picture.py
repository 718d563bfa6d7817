from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageCms, ImageFilter, ImageStat

from style_pipeline_tests.cli.shell import refusal, run

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def test_a_picture_becomes_a_picture_upright_and_with_its_color_profile(folder: Path) -> None:
    exif = Image.Exif()
    exif[0x112] = 6
    picture = Image.effect_noise((90, 70), 60).convert("RGB")
    picture.save(folder / "me.jpg", exif=exif, icc_profile=PROFILE)
    told = run("stylize", "me.jpg", "-s", "starry-night", "--json").json
    assert (told["picture"], told["size"]) == ("me-starry-night.jpg", "70x90")
    with Image.open(folder / told["picture"]) as made:
        assert (made.size, made.info["icc_profile"]) == ((70, 90), PROFILE)
        assert not made.getexif()
    run("stylize", "me.jpg", "-s", "starry-night", "--strength", "0", "-o", "same.jpg")
    with Image.open(folder / "same.jpg") as same, Image.open(folder / "me.jpg") as upright:
        turned = upright.transpose(Image.Transpose.ROTATE_270)
        difference = ImageChops.difference(same.convert("RGB"), turned.convert("RGB"))
        assert ImageStat.Stat(difference).mean[1] < 4


@pytest.mark.parametrize(("name", "kind"), [("out.jpg", "JPEG"), ("out.PNG", "PNG")])
def test_a_picture_is_of_the_kind_that_its_name_says(folder: Path, name: str, kind: str) -> None:
    Image.effect_noise((90, 70), 60).convert("RGB").save(folder / "me.JPEG")
    assert run("stylize", "me.JPEG", "-s", "ink", "-o", name, "--json").json["picture"] == name
    with Image.open(folder / name) as made:
        assert made.format == kind


def test_strokes_of_a_picture_can_be_larger(folder: Path) -> None:
    Image.effect_noise((120, 96), 60).convert("RGB").save(folder / "me.png")
    sharpness = []
    for strokes in ("1", "3"):
        run("stylize", "me.png", "-s", "starry-night", "--strokes", strokes, "-o", "out.png")
        with Image.open(folder / "out.png") as made:
            blurred = made.filter(ImageFilter.BoxBlur(2))
            sharpness.append(ImageStat.Stat(ImageChops.difference(made, blurred)).mean[1])
    assert sharpness[1] < 0.7 * sharpness[0]
    assert "me.png: strokes = 8: for 120x96 pixels they can be from 1 to 6" in refusal(
        "stylize", "me.png", "--strokes", "8"
    )


def test_a_picture_of_a_kind_that_is_not_read_is_told_which_are(folder: Path) -> None:
    (folder / "me.heic").write_bytes(b"ftypheic")
    said = refusal("stylize", "me.heic")
    assert said.startswith("me.heic: .heic is no kind of video that can be read: convert it to")
    assert said.endswith("; or a picture to one of jpg, jpeg, png, webp")


def test_what_is_no_picture_is_refused(folder: Path) -> None:
    (folder / "me.png").write_bytes(b"no picture")
    wrong = "me.png is not a whole JPEG, PNG or WebP picture: export it as one"
    assert refusal("stylize", "me.png", code=1) == wrong
    assert "me.mp4: of me.png, the picture is a .png: name it me.png" in refusal(
        "stylize", "me.png", "-o", "me.mp4"
    )
