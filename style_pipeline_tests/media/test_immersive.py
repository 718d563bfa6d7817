"""360 degrees and stereo 3D: films are marked as their sources are."""

import struct
import subprocess
from dataclasses import replace
from pathlib import Path
from shutil import which

import av
import pytest

from style_pipeline.media import immersive
from style_pipeline.media.audio_tracks import read_audio_tracks
from style_pipeline.media.encoding import Encoder
from style_pipeline.media.frame_index import read_index, write_index
from style_pipeline.media.immersive import mark_pictures, unmarked
from style_pipeline.media.indexing import index_frames
from style_pipeline_tests.clips import AAC, H264, moving, plain, tone
from style_pipeline_tests.media.films import make_film

TURNED = (2, 90 << 16, -(10 << 16), 3 << 16, 0, 0, 1 << 30, 1 << 31, 0)


def marked(path: Path, *, stereo: str = "", spherical: tuple[int, ...] = ()) -> Path:
    """An MP4 clip with these marks."""
    video = replace(index_frames(path).video, stereo=stereo, spherical=spherical)
    mark_pictures(path, video)
    return path


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@pytest.mark.parametrize("stereo", ["left_right", "top_bottom"])
def test_a_film_in_mp4_says_how_both_eyes_lie(tmp_path: Path, stereo: str, codec: str) -> None:
    source = marked(plain("a.mp4", *H264)(tmp_path), stereo=stereo)
    encoder = Encoder(preset="ultrafast", codec=codec)
    film = make_film(source, tmp_path / "work", encoder=encoder).made
    assert (index_frames(source).video.stereo, film.video.stereo) == (stereo, stereo)
    assert film.left_out == unmarked(film.video, "mp4") == ()


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_a_film_in_mov_says_it_as_well(tmp_path: Path, codec: str) -> None:
    clip = plain("a.mov", *H264, "-c:a", "pcm_s16le", inputs=[*moving(), *tone()])(tmp_path)
    source = marked(clip, stereo="left_right", spherical=TURNED)
    film = make_film(source, tmp_path / "work", encoder=Encoder(preset="ultrafast", codec=codec))
    assert (film.plan.container, film.wrong()) == ("mov", [])
    assert (film.made.video.stereo, film.made.video.spherical) == ("left_right", TURNED)


@pytest.mark.parametrize(
    ("packing", "stereo"), [(0, "checkerboard_lr"), (2, "row_interleaved_lr"), (5, "block_lr")]
)
def test_what_h264_says_of_both_eyes_it_says_in_the_film(
    tmp_path: Path, packing: int, stereo: str
) -> None:
    source = plain("a.mp4", *H264, "-x264-params", f"frame-packing={packing}")(tmp_path)
    film = make_film(source, tmp_path / "work").made
    assert film.video.stereo == stereo
    (said,) = unmarked(film.video, "mp4")
    assert said.endswith('only H.264 carries it (codec = "h264")')


@pytest.mark.parametrize("stereo", ["right_left", "bottom_top", "anaglyph_cyan_red", "left_right"])
def test_matroska_keeps_every_way_of_both_eyes(tmp_path: Path, stereo: str) -> None:
    source = plain(
        "a.mkv",
        *(*H264, "-c:a", "libvorbis", "-metadata:s:v", f"stereo_mode={stereo}"),
        inputs=[*moving(), *tone()],
    )(tmp_path)
    film = make_film(source, tmp_path / "work").made
    assert film.video.stereo == stereo
    assert unmarked(film.video, "matroska") == ()
    assert bool(unmarked(film.video, "mp4")) == (stereo != "left_right")


def test_one_view_is_no_stereo(tmp_path: Path) -> None:
    source = plain("a.mkv", *H264, "-metadata:s:v", "stereo_mode=mono")(tmp_path)
    index = index_frames(source)
    assert (index.video.stereo, index.left_out) == ("", ())


@pytest.mark.parametrize(
    "spherical", [TURNED, (1, 0, 0, 0, 0, 0, 0, 0, 16)], ids=["turned", "cube"]
)
@pytest.mark.parametrize("container", ["mp4", "mkv"])
def test_360_degrees_stay(tmp_path: Path, spherical: tuple[int, ...], container: str) -> None:
    clip = plain("clip.mp4", *H264, *AAC, inputs=[*moving(), *tone()])(tmp_path)
    source = marked(clip, spherical=spherical, stereo="top_bottom")
    if container == "mkv":
        copy = ["-c:v", "copy", "-c:a", "libvorbis"]
        source = plain("source.mkv", *copy, inputs=["-i", str(clip)])(tmp_path)
    index, film = index_frames(source), make_film(source, tmp_path / "work").made
    assert film.video.spherical == index.video.spherical
    assert index.video.spherical == spherical
    assert film.video.stereo == "top_bottom"
    assert film.left_out == ()
    write_index(index, tmp_path / "index.parquet")
    assert read_index(tmp_path / "index.parquet").video == index.video


@pytest.mark.skipif(not which("mkvpropedit"), reason="there is no mkvpropedit, of mkvtoolnix")
def test_matroska_s_projection_is_carried_into_mp4(tmp_path: Path) -> None:
    source = plain("a.mkv", *H264)(tmp_path)
    way = ["projection-type=1", "projection-pose-yaw=45", "projection-private=" + "00" * 20]
    edit = [part for setting in way for part in ("--set", setting)]
    subprocess.run(["mkvpropedit", source, "--edit", "track:v1", *edit], check=True)
    assert make_film(source, tmp_path / "work").made.video.spherical[:2] == (0, 45 << 16)


@pytest.mark.parametrize(
    ("kind", "fields", "lost"),
    [
        ("SPHERICAL", (5, *[0] * 8), "the mark of 360 degrees"),
        ("STEREO3D", (8, 0, 0), "the mark of stereo 3D"),
        ("STEREO3D", (1, 0, 1), "the mark of stereo 3D"),
        ("STEREO3D", (0, 0, 0), None),
    ],
    ids=["fish-eye", "unspecified", "one eye of two", "flat"],
)
def test_a_mark_that_no_film_carries_is_said_to_be_lost(
    kind: str, fields: tuple[int, ...], lost: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = {kind: struct.pack(f"={len(fields)}i", *fields)}
    monkeypatch.setattr(immersive, "side_data", lambda frame: data)
    frame = av.VideoFrame(16, 16, "yuv420p")
    assert immersive.lost_marks(frame) == ((lost,) if lost else ())
    assert (immersive.stereo_mode(frame, {}), immersive.spherical(frame)) == ("", ())


@pytest.mark.parametrize("where", ["+faststart", "0"])
@pytest.mark.parametrize("sound", [AAC, ("-an",)], ids=["sound", "silent"])
def test_samples_are_found_where_they_are(
    tmp_path: Path, where: str, sound: tuple[str, ...]
) -> None:
    make = plain("a.mp4", *H264, *sound, "-movflags", where, inputs=[*moving(), *tone()])
    path = make(tmp_path)
    before, heard = index_frames(path), read_audio_tracks(path)
    after = index_frames(marked(path, stereo="left_right", spherical=TURNED))
    assert after.rows == before.rows
    assert read_audio_tracks(path) == heard
    assert [file.name for file in tmp_path.iterdir()] == ["a.mp4"]
