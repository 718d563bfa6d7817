from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from style_pipeline.training.photographs import (
    frames_of,
    load_photographs,
    photographs_in,
    spread,
)


def test_photographs_are_reduced_and_those_that_fall_short_left_out(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name, size in {"large": (1500, 900), "small": (70, 80), "tiny": (10, 10)}.items():
        pixels = rng.integers(0, 256, (*size[::-1], 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    (tmp_path / "torn.jpg").write_bytes(b"no picture")
    warnings: list[str] = []
    found = load_photographs(sorted(tmp_path.iterdir()), warn=warnings.append)
    assert {name: tuple(pixels.shape) for name, pixels in found.items()} == {
        "large": (3, 614, 1024),
        "small": (3, 80, 70),
    }
    assert warnings == [
        "photograph left out: tiny.png has 10x10 pixels: it needs at least 64 a side, better 500",
        "photograph left out: torn.jpg is not a whole JPEG, PNG or WebP picture: export it as one",
    ]


def test_too_many_photographs_are_thinned_evenly() -> None:
    names = [f"{n:03}" for n in range(10)]
    assert spread(reversed(names), 4) == ["000", "002", "005", "007"]
    assert spread(names, 20) == names
    assert spread([]) == []


def test_a_folder_gives_its_pictures_and_says_which_it_leaves_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    for name, side in {"b": 80, "a": 90, "tiny": 10}.items():
        pixels = rng.integers(0, 256, (side, side, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    (tmp_path / "notes.txt").write_text("no picture")
    assert [*photographs_in(tmp_path)] == ["a", "b"]
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("photograph left out: tiny.png has 10x10 pixels")


def test_one_frame_in_ten_of_a_video_is_learned_from(tmp_path: Path) -> None:
    path = tmp_path / "clip.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25, width=64, height=48, pix_fmt="bgr0")
        for gray in range(21):
            pixels = np.full((48, 64, 3), 10 * gray, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    frames = frames_of(path)
    assert [tuple(frame.shape) for frame in frames] == [(3, 48, 64)] * 3
    assert [frame.flatten().tolist().pop() for frame in frames] == [0, 100, 200]
