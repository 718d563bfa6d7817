from pathlib import Path

import numpy as np
import pytest

from style_pipeline_tests.clips import ffmpeg, moving, plain
from style_pipeline_tests.media.films import make_film

GRAY = {
    "gray": plain("a.mov", "-c:v", "png", "-pix_fmt", "gray"),
    "gray_16": plain("a.mov", "-c:v", "png", "-pix_fmt", "gray16be"),
    "gray_alpha": plain("a.mkv", "-c:v", "png", "-pix_fmt", "ya8"),
    "one_bit": plain("a.mov", "-c:v", "png", "-pix_fmt", "monob"),
    "one_bit_odd": plain("a.mov", "-c:v", "png", "-pix_fmt", "monob", inputs=moving("63x47")),
}


@pytest.mark.parametrize("name", GRAY)
def test_pictures_without_color_become_a_film_as_light_as_they_are(
    name: str, tmp_path: Path
) -> None:
    source = GRAY[name](tmp_path)
    film = make_film(source, tmp_path / "film")
    assert film.wrong() == []
    size = film.index.video.upright_size
    ours, theirs = (
        np.frombuffer(ffmpeg("-i", path, "-pix_fmt", "rgb24", "-f", "rawvideo", "-"), np.uint8)
        for path in (film.path, source)
    )
    assert len(ours) == len(theirs) == len(film.index) * size[0] * size[1] * 3
    assert np.abs(ours.astype(int) - theirs).mean() < 2
