from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from style_pipeline.look.recipe import read_recipe
from style_pipeline.object_names import Video
from style_pipeline.resources.ffmpeg import FFmpeg
from style_pipeline.resources.models import publish_model
from style_pipeline.resources.stylizer import Stylizer
from style_pipeline.stylization.model_file import save_model
from style_pipeline_tests.assets.journey import CLIP, Journey, failure, new_journey, retries
from style_pipeline_tests.clips import make_clip
from style_pipeline_tests.media.films import shown
from style_pipeline_tests.stylization.stylizing import untrained

SETTINGS = "videos/small/style.toml"
MORPH = b"style = [[0, 'small'], [0.2, 'other'], [0.2, 'small'], [0.3, { small = 1, other = 1 }]]"


def add_styles(journey: Journey, *names: str) -> None:
    """Styles of one body."""
    network = untrained("transformer", seed=3)
    for number, name in enumerate(names):
        style = network.style + np.float32(0.4 * number)
        path = journey.root / f"{name}.safetensors"
        sha256 = save_model(
            path,
            replace(network, style=style),
            style=name,
            recipe={},
            data={},
            artwork_sha256="",
        )
        publish_model(journey.ops, style=name, path=path, sha256=sha256)


def pictures(root: Path, min_frames: int, settings: bytes) -> npt.NDArray[np.uint8]:
    """Of a film whose chunks have so many frames at least, encoded without loss."""
    with new_journey(root, min_frames=min_frames) as journey:
        lossless = replace(journey, stylizer=Stylizer(device="cpu"), encoder=FFmpeg(crf=0))
        lossless.drop(make_clip(root / "clip.mp4"))
        add_styles(lossless, "small", "other")
        lossless.media.write(SETTINGS, settings)
        lossless.make_film()
        film = lossless.root / "media" / CLIP.film("mp4")
        video = lossless.film().video
        assert lossless.look().size in (None, video.upright_size)
        return shown(film, video.upright_size)


def test_a_film_that_changes_its_style_is_the_same_however_it_is_cut(tmp_path: Path) -> None:
    one = pictures(tmp_path / "one", 1000, MORPH)
    many = pictures(tmp_path / "many", 3, MORPH)
    plain = pictures(tmp_path / "plain", 1000, b"")
    np.testing.assert_array_equal(one, many)
    np.testing.assert_array_equal(one[0], plain[0])
    changed = [bool((a != b).any()) for a, b in zip(one, plain, strict=True)]
    assert any(changed)


def test_strength_over_time_in_a_part_at_another_size_is_the_same_however_it_is_cut(
    tmp_path: Path,
) -> None:
    settings = b"""
strength = [[0, 0], [0.1, 1], [0.1, 0.5], [0.24, 1]]
size = "32x24"
from = 0.12
to = 0.4
"""
    one = pictures(tmp_path / "one", 1000, settings)
    many = pictures(tmp_path / "many", 2, settings)
    np.testing.assert_array_equal(one, many)
    assert one.shape == (7, 32 * 24 * 3 // 2)
    source = pictures(tmp_path / "source", 1000, settings.replace(b"strength", b"# "))
    full = [bool((a == b).all()) for a, b in zip(one, source, strict=True)]
    assert full == [False, False, False, False, False, False, True]


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (
            b"blend = { small = 1, fresco = 2 }",
            "small/clip.mp4: there is no trained style 'fresco': there are ",
        ),
        (
            b"style = [[0, 'small'], [60, 'other']]",
            f"small/clip.mp4: {SETTINGS}: keyframe 2 is at 60 s, and the film ends after ",
        ),
        (
            b"style = [[1, 'small'], [0, 'other']]",
            f"small/clip.mp4: {SETTINGS}: style: keyframe 2 is at 0 s, before the one at 1 s",
        ),
        (
            b"strength = [[0, 1], [60, 0]]",
            f"small/clip.mp4: {SETTINGS}: keyframe 2 is at 60 s, and the film ends after ",
        ),
        (
            b'size = "10%"',
            f'small/clip.mp4: {SETTINGS}: size = "10%" would be 6x4 pixels: it can be from ',
        ),
        (b"strokes = 7.5", f"small/clip.mp4: {SETTINGS}: strokes = 7.5: for "),
        (
            b"blend = { small = 1, ink = 2 }",
            "small/clip.mp4: these styles have networks of their own and cannot be mixed: ink (",
        ),
    ],
)
def test_what_cannot_be_is_said_in_one_line_before_any_gpu_is_asked_for(
    journey: Journey, settings: bytes, line: str
) -> None:
    add_styles(journey, "small", "other")
    journey.make("frames")
    journey.media.write(SETTINGS, settings)
    result = journey.run("look")
    assert failure(result).startswith(line)
    assert "\n" not in failure(result)
    assert retries(result) == 0


def test_a_video_is_made_in_another_style_without_being_there_twice(journey: Journey) -> None:
    journey.add_style("other")
    journey.media.write(SETTINGS, b'also = ["other"]\nstrength = 0.5')
    also = Video("other/clip.mp4")
    journey.instance.add_dynamic_partitions("videos", [also.key])
    made = journey.make_film(also)
    assert (made["style"], made["strength"]) == ("other", 1.0)
    names = {found.name for found in journey.media.list() if found.name.endswith(".mp4")}
    assert names == {CLIP.source, also.film("mp4")}
    assert read_recipe(journey.root / "media" / also.film("mp4")).style == "other"
    journey.media.write(CLIP.source, b"this is no video" * 100)
    assert "cannot be decoded" in failure(journey.run("frames", also))
    assert [found.name for found in journey.media.list("rejected")] == [
        "rejected/other/clip.mp4.json"
    ]
