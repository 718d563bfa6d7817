from pathlib import Path

import numpy as np
import pytest

from style_pipeline.media.source import UnreadableVideo, open_video
from style_pipeline_tests.clips import H264, plain
from style_pipeline_tests.media.films import make_film, shown
from style_pipeline_tests.real_files import of_photographs


@pytest.mark.parametrize("orientation", [1, 2, 3, 6, 8])
@pytest.mark.parametrize(("name", "size"), [("a.mov", (64, 48)), ("b.avi", (96, 40))])
def test_photographs_with_exif_become_a_film_the_right_way_up(
    name: str, size: tuple[int, int], orientation: int, tmp_path: Path
) -> None:
    source = of_photographs(name, orientation=orientation, size=size)(tmp_path)
    film = make_film(source, tmp_path / "film", chunks=2)
    assert (len(film.index), film.wrong()) == (8, [])
    upright = size if orientation < 5 else size[::-1]
    assert film.index.video.upright_size == upright
    ours, theirs = shown(film.path, upright), shown(source, upright)
    assert np.abs(ours.astype(int) - theirs).mean() < 2


@pytest.mark.parametrize("error", [ValueError("31 is not a valid Type"), KeyError("eight")])
def test_what_pyav_does_not_know_is_refused_with_the_file_s_name(
    error: Exception, tmp_path: Path
) -> None:
    source = plain("odd.mp4", *H264)(tmp_path)
    with (
        pytest.raises(UnreadableVideo, match=r"^odd.mp4 holds something that cannot be read"),
        open_video(source),
    ):
        raise error
