"""The film of every kind of clip holds the source's frames, each at its time and as it was."""

from pathlib import Path

import numpy as np
import pytest
from PIL import ImageColor

from style_pipeline.stylization.color import LUMA_WEIGHTS
from style_pipeline_tests.clips import CLIPS, CONVERTED, H264, flat, plain
from style_pipeline_tests.media.conftest import Clips
from style_pipeline_tests.media.films import flat_clip, make_film, shown, times
from style_pipeline_tests.stylization.stylizing import Unchanged


@pytest.mark.parametrize("name", CLIPS)
def test_a_film_has_the_source_s_frames_bit_for_bit_at_their_times(
    name: str, clip: Clips, tmp_path: Path
) -> None:
    film = make_film(clip(name), tmp_path, chunks=3)
    assert film.wrong() == []
    start = film.index.video.start
    assert times(film.path) == [time - start for time in times(film.source)]
    size = film.index.video.upright_size
    np.testing.assert_array_equal(shown(film.path, size), shown(film.source, size))


@pytest.mark.parametrize("name", CLIPS | CONVERTED)
def test_a_film_is_tagged_and_shaped_as_the_source(name: str, clip: Clips, tmp_path: Path) -> None:
    film = make_film(clip(name), tmp_path)
    made, source = film.made.video, film.index.video
    assert (made.rotation, made.mirrored) == (0, False)
    assert (made.width, made.height) == source.upright_size
    assert made.sample_aspect_ratio == source.upright_aspect_ratio
    assert (made.matrix, made.full_range) == (source.matrix, source.full_range)
    tags = [(v.colorspace, v.color_primaries, v.color_trc) for v in (made, source)]
    assert tags[0] == tags[1]
    assert film.made.seconds == film.index.seconds


@pytest.mark.parametrize("name", CONVERTED)
def test_pictures_that_need_another_layout_look_the_same(
    name: str, clip: Clips, tmp_path: Path
) -> None:
    film = make_film(clip(name), tmp_path, chunks=2)
    assert film.wrong() == []
    assert times(film.path) == times(film.source)
    size = film.index.video.upright_size
    ours, theirs = (
        shown(path, size, layout="rgb24").reshape(-1, 3).astype(float)
        for path in (film.path, film.source)
    )
    weights = LUMA_WEIGHTS[film.index.video.matrix]
    luma = np.array([weights[0], 1 - sum(weights), weights[1]])
    # Half the chroma cannot be exact, and converters differ in where they place it.
    assert np.abs(ours @ luma - theirs @ luma).max() < 2
    assert np.abs(ours - theirs).mean() < 1.5


COLORS = ("white", "black", "gray", "0xC81E3C", "0x1EC83C", "0x281EC8", "0x64C8C8", "0xE0B090")


@pytest.mark.parametrize("matrix", ["bt709", "smpte170m", "bt2020nc"])
@pytest.mark.parametrize("span", ["tv", "pc"])
def test_a_flat_color_comes_back_from_an_identity_network(
    matrix: str, span: str, tmp_path: Path
) -> None:
    source = flat_clip(tmp_path / "flat.mp4", *COLORS, matrix=matrix, span=span)
    film = make_film(source, tmp_path / "film", network=Unchanged())
    assert len(film.index) == len(COLORS)
    assert (film.index.video.full_range, film.made.video.full_range) == (span == "pc",) * 2
    for layout in ("yuv420p" if span == "tv" else "yuvj420p", "rgb24"):
        ours, theirs = (shown(path, (32, 16), layout=layout) for path in (film.path, source))
        assert np.abs(ours.astype(int) - theirs).max() <= 2, layout
    wanted = [ImageColor.getrgb(color.replace("0x", "#")) for color in COLORS]
    seen = shown(film.path, (32, 16), layout="rgb24").reshape(len(COLORS), -1, 3)
    assert np.abs(seen.astype(int) - np.array(wanted)[:, None]).max() <= 4


@pytest.mark.parametrize(
    "arguments",
    [
        ["-c:v", "libx264rgb", "-qp", "0"],
        ["-c:v", "png"],
        [*H264[:-1], "yuv420p10le"],
        [*H264[:-1], "yuv444p"],
        ["-c:v", "ffv1", "-pix_fmt", "yuv422p12le"],
    ],
    ids=["rgb", "png", "ten_bit", "444", "twelve_bit"],
)
def test_a_flat_color_of_another_layout_comes_back_from_an_identity_network(
    arguments: list[str], tmp_path: Path
) -> None:
    source = plain("flat.mkv", *arguments, inputs=flat(*COLORS))(tmp_path)
    film = make_film(source, tmp_path / "film", network=Unchanged())
    ours, theirs = (shown(path, (32, 16), layout="rgb24") for path in (film.path, source))
    assert np.abs(ours.astype(int) - theirs).max() <= 2


def test_frames_fewer_than_chunks_are_no_trouble(clip: Clips, tmp_path: Path) -> None:
    film = make_film(clip("two_frames"), tmp_path, chunks=5)
    assert film.wrong() == []
    assert [len(frames) for _, frames in film.segments] == [1, 1]
