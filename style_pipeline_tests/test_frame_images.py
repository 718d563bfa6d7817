from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline_kit.orchestration.metadata import glimpses
from pipeline_kit.storage.store import Store
from style_pipeline.frame_images import export, keep, passing
from style_pipeline.media.indexing import index_frames
from style_pipeline.media.pictures import Picture
from style_pipeline.media.range_reader import read_range
from style_pipeline.media.video_format import VideoFormat
from style_pipeline_tests.assets.journey import SIZE, picture_in
from style_pipeline_tests.clips import make_clip


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "clip.mp4")


@pytest.fixture(scope="module")
def pictures(clip: Path) -> list[Picture]:
    return list(read_range(clip, index_frames(clip), range(4)))


@pytest.fixture(scope="module")
def video(clip: Path) -> VideoFormat:
    return index_frames(clip).video


def test_pictures_pass_every_look_in_order_with_their_numbers(pictures: list[Picture]) -> None:
    seen: list[tuple[str, int, int]] = []
    looks = [lambda n, p, who=who: seen.append((who, n, id(p))) for who in ("first", "second")]
    passed = list(passing(pictures, range(7, 11), *looks))
    assert [id(picture) for picture in passed] == [id(picture) for picture in pictures]
    assert seen == [
        (who, number, id(picture))
        for number, picture in zip(range(7, 11), pictures, strict=True)
        for who in ("first", "second")
    ]


@pytest.mark.parametrize("frames", [range(3), range(5)])
def test_a_picture_too_many_or_too_few_is_an_error(pictures: list[Picture], frames: range) -> None:
    with pytest.raises(ValueError, match="zip"):
        list(passing(pictures, frames))


def test_pictures_are_handed_on_one_by_one(pictures: list[Picture]) -> None:
    source = iter(pictures)
    next(passing(source, range(4)))
    assert len(list(source)) == 3, "a film does not fit into memory"


def test_only_the_wanted_frames_are_kept(pictures: list[Picture], video: VideoFormat) -> None:
    images: dict[int, Image.Image] = {}
    list(passing(pictures, range(20, 24), keep(images, [21, 23, 99], video)))
    assert {number: image.size for number, image in images.items()} == {21: SIZE, 23: SIZE}


def test_exported_images_are_lossless_and_sort_by_number(
    pictures: list[Picture], video: VideoFormat, tmp_path: Path
) -> None:
    images: dict[int, Image.Image] = {}
    looks = (export(Store(url=tmp_path.as_uri()), "a/b", video), keep(images, range(1000), video))
    list(passing(pictures, range(8, 12), *looks))
    files = sorted((tmp_path / "a/b").iterdir())
    assert [file.name for file in files] == ["000008.png", "000009.png", "000010.png", "000011.png"]
    for file, number in zip(files, range(8, 12), strict=True):
        assert np.array_equal(np.asarray(Image.open(file)), np.asarray(images[number]))


def noise(width: int, height: int) -> Image.Image:
    """What takes more bytes than any picture."""
    values = np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(values)


@pytest.mark.parametrize(("size", "side"), [((1280, 720), 128), ((720, 1280), 128), ((30, 20), 30)])
def test_glimpses_are_as_large_as_the_ui_shows_at_once(size: tuple[int, int], side: int) -> None:
    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    waves = np.stack([np.sin(x / (70 + 9 * n)) * np.cos(y / (60 + 7 * n)) for n in range(3)], -1)
    found = glimpses(before=Image.fromarray((127 + 120 * waves).astype(np.uint8)))
    text = found["before"].md_str or ""
    assert len(text) < 1000
    picture = picture_in(text)
    assert max(picture.size) >= side
    assert picture.width / picture.height == pytest.approx(width / height, rel=0.02)


def test_glimpses_are_of_one_size_also_of_noise() -> None:
    texts = glimpses(before=Image.new("RGB", (400, 300)), after=noise(400, 300)).values()
    assert all(len(text.md_str or "") < 1000 for text in texts)
    before, after = (picture_in(text.md_str or "") for text in texts)
    assert before.size == after.size
    assert after.width >= 32
