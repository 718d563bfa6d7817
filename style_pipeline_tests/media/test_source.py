from pathlib import Path

import av
import pytest

from style_pipeline_tests.clips import AAC, H264, plain
from style_pipeline_tests.media.films import make_film
from style_pipeline_tests.real_files import SOUND, two_pictures

TRACKS = {
    "default": (two_pictures("a.mkv", ["128x96", "64x48", "32x32"], default=[1]), (64, 48), 1),
    "largest": (two_pictures("a.mkv", ["64x48", "128x96", "96x64"]), (128, 96), 1),
    "largest_of_mp4": (two_pictures("a.mp4", ["64x48", "96x64"], default=[0, 1]), (96, 64), 1),
    "first_of_alike": (two_pictures("a.mov", ["64x48", "64x48"], default=[0, 1]), (64, 48), 0),
}


@pytest.mark.parametrize("name", TRACKS)
def test_of_several_tracks_the_one_that_players_show_is_styled_and_named(
    name: str, tmp_path: Path
) -> None:
    make, size, index = TRACKS[name]
    film = make_film(make(tmp_path), tmp_path / "film", chunks=2)
    assert (film.index.video.upright_size, film.wrong()) == (size, [])
    assert film.plan.video.index == index
    assert film.plan.pictures.startswith(f"track {index} ({size[0]}x{size[1]}), of ")
    assert all("(video, h264): mp4 films do not carry it" in said for said in film.plan.left_out)


def test_a_track_that_appears_late_stops_nothing(tmp_path: Path) -> None:
    """PyAV finds no decoder to empty for tracks that it did not know when it began to read."""
    source = plain("a.flv", *H264, *AAC, inputs=SOUND)(tmp_path)
    data = bytearray(source.read_bytes())
    at, tags = len("FLV") + 1 + 1 + 4 + 4, []
    while at < len(data):
        tags.append(at)
        at += 11 + int.from_bytes(data[at + 1 : at + 4], "big") + 4
    audio = [at for at in tags if data[at] == 8]
    for at in audio[-4:]:
        data[at] = 18  # script data
    source.write_bytes(data)
    with av.open(str(source)) as container, pytest.raises(IndexError):
        list(container.demux())
    film = make_film(source, tmp_path / "film", chunks=2)
    assert film.wrong() == []
    assert len(film.index) == 50
