import re
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from style_pipeline.media.content_frames import content_frames
from style_pipeline.media.ffmpeg import open_input, write_copy
from style_pipeline.media.indexing import index_frames
from style_pipeline.media.sandbox import sandboxed
from style_pipeline.media.source import UnreadableVideo
from style_pipeline.media.tracks import plan_tracks
from style_pipeline_tests.clips import ffmpeg
from style_pipeline_tests.hostile import DISGUISED, HARMLESS, REFUSED, read_all
from style_pipeline_tests.hostile_files import content, external_track, header_bomb
from style_pipeline_tests.media import mischief
from style_pipeline_tests.media.conftest import Clips
from style_pipeline_tests.media.films import make_film


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_styled_is_refused_in_one_clear_line(name: str, tmp_path: Path) -> None:
    make, reason = REFUSED[name]
    with pytest.raises(UnreadableVideo, match=reason) as caught:
        index_frames(make(tmp_path))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_only_odd_becomes_a_film_of_what_it_is(name: str, tmp_path: Path) -> None:
    make, frames, size = HARMLESS[name]
    film = make_film(make(tmp_path), tmp_path / "film", chunks=2)
    assert len(film.index) == frames
    assert "{}x{}".format(*film.index.video.upright_size) == size
    assert film.wrong() == []


@pytest.mark.parametrize(
    "name",
    ["file:a.mp4", "concat:a.mp4", "-i.mp4", "%03d.mp4", "a'b.mp4", "$(id).mp4", "a.m3u8?.mp4"],
)
def test_a_name_is_no_protocol_option_or_pattern(name: str, clip: Clips, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(clip("cfr_25").read_bytes())
    film = make_film(path, tmp_path / "film")
    assert (len(film.made), film.wrong()) == (24, [])


@pytest.fixture
def secret(clip: Clips, tmp_path: Path) -> Path:
    path = tmp_path / "secret.mp4"
    path.write_bytes(clip("no_b_frames").read_bytes())
    return path


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def picky(path: Path) -> None:
    """As ffmpeg opens it, by itself."""
    write_copy([open_input(path)["v"]], path.with_name("out.mkv"), of=[path])


@pytest.mark.parametrize("name", DISGUISED)
@pytest.mark.parametrize(
    "read",
    [index_frames, plan_tracks, picky, lambda path: content_frames(path, 2, longest=64)],
    ids=["index", "tracks", "ffmpeg", "content"],
)
def test_what_names_other_files_and_machines_reads_and_asks_none(
    name: str,
    read: Callable[[Path], object],
    secret: Path,
    listener: socket.socket,
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.mp4"
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    path.write_text(DISGUISED[name].format(secret=secret, url=url))
    with pytest.raises(UnreadableVideo):
        read(path)
    with pytest.raises(BlockingIOError):
        listener.accept()


@pytest.mark.parametrize("name", ["hls", "ffconcat"])
def test_the_secret_would_be_read_if_any_format_were_allowed(
    name: str, secret: Path, tmp_path: Path
) -> None:
    """What the tests above would notice."""
    path = tmp_path / ("a.ffconcat" if name == "ffconcat" else "a.m3u8")
    path.write_text(DISGUISED[name].format(secret=secret, url=""))
    loose = ["-safe", "0"] if name == "ffconcat" else ["-allowed_extensions", "ALL"]
    ffmpeg(*loose, "-i", path, "-c", "copy", tmp_path / "copied.mkv")
    assert len(index_frames(tmp_path / "copied.mkv")) == 24


def test_a_track_whose_data_are_in_another_file_is_not_followed(
    secret: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.mov"
    external_track(secret, path)
    with pytest.raises(UnreadableVideo):
        index_frames(path)
    follow = ["-enable_drefs", "1", "-use_absolute_path", "1"]
    ffmpeg(*follow, "-i", path, "-c", "copy", tmp_path / "b.mkv")
    assert len(index_frames(tmp_path / "b.mkv")) == 24


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_all_of_them_take_little_memory_and_time_and_write_nothing(tmp_path: Path) -> None:
    makers = {name: make for name, (make, *_) in (REFUSED | HARMLESS).items()}
    for kind, disguise in DISGUISED.items():
        makers[kind] = content("a.mp4", disguise.format(secret="/etc/passwd", url="").encode)
    for name, make in makers.items():
        (tmp_path / "made" / name).mkdir(parents=True)
        made = make(tmp_path / "made" / name)
        (tmp_path / "dropped" / name).mkdir(parents=True)
        made.rename(tmp_path / "dropped" / name / made.name)
    before = set(tmp_path.rglob("*"))
    memory, seconds, reasons = sandboxed(read_all, tmp_path / "dropped")
    assert reasons.keys() == (REFUSED | DISGUISED).keys()
    assert all(re.search(REFUSED[name][1], reasons[name]) for name in REFUSED)
    assert set(tmp_path.rglob("*")) == before
    assert memory < 250 << 20
    assert seconds < 20


@pytest.mark.skipif(sys.platform != "linux", reason="limits are set on Linux only")
def test_a_header_that_unpacks_to_more_than_the_memory_there_is_is_refused(tmp_path: Path) -> None:
    path = header_bomb(512 << 20)(tmp_path)
    assert path.stat().st_size < 1 << 20
    with pytest.raises(UnreadableVideo, match="Cannot allocate memory"):
        sandboxed(mischief.index_with_little_memory, path)
