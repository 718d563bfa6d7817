from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from style_pipeline_tests.media.films import make_film, shown
from style_pipeline_tests.real_files import cropped

CROPPED = {
    "top_and_bottom": ("160x120", {"top": 20, "bottom": 20}, (160, 80)),
    "left_and_right": ("128x96", {"left": 8, "right": 24}, (96, 96)),
    "one_corner": ("160x120", {"right": 6, "bottom": 10}, (154, 110)),
    "odd": ("64x48", {"top": 3, "left": 5}, (59, 45)),
}


@pytest.mark.parametrize("name", CROPPED)
def test_what_matroska_cuts_off_is_not_in_the_film(name: str, tmp_path: Path) -> None:
    size, crop, left = CROPPED[name]
    source = cropped("a.mkv", size=size, **crop)(tmp_path)
    film = make_film(source, tmp_path / "film", chunks=2)
    assert (film.index.video.upright_size, film.wrong()) == (left, [])
    layout = film.index.video.layout
    whole = coded_luma(source)
    ours = shown(film.path, left, layout=layout)
    x, y = crop.get("left", 0), crop.get("top", 0)
    luma = whole[:, y : y + left[1], x : x + left[0]].reshape(len(ours), -1)
    np.testing.assert_array_equal(ours[:, : luma.shape[1]], luma)


def coded_luma(path: Path) -> npt.NDArray[np.uint8]:
    """The luma of whole frames, as coded."""
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray() for frame in container.decode(video=0)]
        height = container.streams.video[0].height
    return np.stack([frame[:height] if frame.ndim == 2 else frame[0] for frame in frames])
