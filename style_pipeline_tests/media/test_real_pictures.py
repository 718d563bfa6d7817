"""Pictures as they come from cameras, old programs and editors."""

import shlex
import subprocess
from fractions import Fraction
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
import numpy.typing as npt
import pytest

from style_pipeline.media.indexing import index_frames
from style_pipeline.media.source import UnreadableVideo, open_video
from style_pipeline.media.tracks import plan_tracks
from style_pipeline_tests.clips import AAC, H264, Maker, ffmpeg, moving, plain, tone
from style_pipeline_tests.media.films import make_film, shown, times
from style_pipeline_tests.real_files import SOUND, cropped, of_photographs, two_pictures


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


GRAY = {
    "gray": plain("a.mov", "-c:v", "png", "-pix_fmt", "gray"),
    "gray_16": plain("a.mov", "-c:v", "png", "-pix_fmt", "gray16be"),
    "gray_alpha": plain("a.mkv", "-c:v", "png", "-pix_fmt", "ya8"),
    "one_bit": plain("a.mov", "-c:v", "png", "-pix_fmt", "monob"),
    "one_bit_odd": plain("a.mov", "-c:v", "png", "-pix_fmt", "monob", inputs=moving("63x47")),
}


@pytest.mark.parametrize("name", GRAY)
def test_pictures_without_colour_become_a_film_as_light_as_they_are(
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


@pytest.mark.parametrize("matrix", ["ycgco", "bt2020c"])
def test_a_matrix_that_is_not_supported_is_refused_with_the_command_that_converts_it(
    matrix: str, tmp_path: Path
) -> None:
    tagged = ["-vf", f"setparams=colorspace={matrix}", "-colorspace", matrix]
    name = "it's.mkv"
    source = plain(name, *H264, *tagged)(tmp_path)
    with pytest.raises(UnreadableVideo, match=r"colour matrix .* is not supported") as caught:
        index_frames(source)
    command = str(caught.value).partition("convert it with ")[2]
    program, *arguments = shlex.split(command)
    assert program == "ffmpeg"
    subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", *arguments],
        cwd=tmp_path,
        check=True,
    )
    assert len(index_frames(tmp_path / arguments[-1])) == 24


WITHOUT_TIMES: dict[str, tuple[Maker, int]] = {
    "h264": (plain("a.avi", "-c:v", "libx264", "-bf", "2", *AAC, inputs=SOUND), 50),
    "h264_pyramid": (
        plain("a.avi", "-c:v", "libx264", "-bf", "4", "-b-pyramid", "normal", inputs=SOUND[:4]),
        50,
    ),
    "h264_ntsc": (
        plain("a.avi", "-c:v", "libx264", "-bf", "3", inputs=moving(rate="30000/1001", frames=40)),
        40,
    ),
    "raw_h264": (plain("a.mpg", "-c:v", "libx264", "-bf", "2", "-f", "h264"), 24),
}


@pytest.mark.parametrize("name", WITHOUT_TIMES)
def test_frames_without_times_are_shown_in_turn(name: str, tmp_path: Path) -> None:
    make, count = WITHOUT_TIMES[name]
    film = make_film(make(tmp_path), tmp_path / "film", chunks=3)
    assert (len(film.index), film.wrong()) == (count, [])
    rate = film.index.video.average_rate
    assert times(film.path) == [Fraction(number) / rate for number in range(count)]


def test_a_packed_bitstream_becomes_a_film_of_all_that_is_shown(tmp_path: Path) -> None:
    """As XviD and DivX wrote AVI: two pictures in a packet, and then an empty one."""
    source = plain("a.avi", "-c:v", "libxvid", "-bf", "2", "-c:a", "libmp3lame", inputs=SOUND)(
        tmp_path
    )
    sizes = [packet.size for packet in av.open(str(source)).demux(video=0)]
    assert any(0 < size < 10 for size in sizes)
    film = make_film(source, tmp_path / "film", chunks=3)
    assert film.wrong() == []
    assert len(film.index) == len(shown(source, (64, 48)))
    assert np.all(np.diff(film.index.pts) > 0)


FRAGMENTS = ["-movflags", "frag_keyframe+empty_moov+default_base_moof"]
LATE: dict[str, tuple[str, list[str], str]] = {
    "matroska": ("a.mkv", [*H264, *AAC], "4"),
    "matroska_by_hours": ("a.mkv", [*H264, *AAC], "7200"),
    "webm": ("a.webm", ["-c:v", "libvpx", "-c:a", "libopus"], "9.5"),
    "fragmented_mp4": ("a.mp4", [*H264, *AAC, *FRAGMENTS], "6"),
    "fragmented_mov": ("a.mov", [*H264, *AAC, *FRAGMENTS], "33.3"),
    "f4v": ("a.f4v", [*H264, *AAC], "3"),
}


@pytest.mark.parametrize("name", LATE)
def test_a_file_that_does_not_begin_at_0_is_whole(name: str, tmp_path: Path) -> None:
    file, arguments, offset = LATE[name]
    make = plain(file, *arguments, "-output_ts_offset", offset, inputs=SOUND)
    film = make_film(make(tmp_path), tmp_path / "film", chunks=2)
    assert (len(film.index), film.wrong()) == (50, [])
    assert times(film.path)[0] < Fraction(1, 4)


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4"])
def test_a_late_file_that_was_cut_off_is_not(name: str, tmp_path: Path) -> None:
    late = ["-output_ts_offset", "4", *(["-movflags", "faststart"] if name == "a.mp4" else [])]
    source = plain(name, *H264, *AAC, *late, inputs=moving(frames=200) + tone(8))(tmp_path)
    cut = tmp_path / f"cut{source.suffix}"
    cut.write_bytes(source.read_bytes()[: source.stat().st_size * 6 // 10])
    with pytest.raises(UnreadableVideo, match=r"it ends after .* upload the whole file"):
        index_frames(cut)


def test_a_plan_names_no_track_where_there_is_only_one(tmp_path: Path) -> None:
    assert plan_tracks(plain("a.mp4", *H264)(tmp_path)).pictures == ""
