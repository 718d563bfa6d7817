from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from style_pipeline.media.frame_index import index_frames, read_index, write_index
from style_pipeline.media.source import Picture, UnreadableVideo
from style_pipeline.media.tracks import plan_tracks
from style_pipeline_tests.clips import AAC, CLIPS, CONVERTED, H264, VP9, ffmpeg, moving, tone
from style_pipeline_tests.media.conftest import Clips


@pytest.mark.parametrize("name", ["vfr_mp4", "rotated_non_square", "avi_ntsc", "mpeg_ts"])
def test_an_index_is_read_as_it_was_written(name: str, clip: Clips, tmp_path: Path) -> None:
    index = index_frames(clip(name), upload="0x8DC", max_chunks=4, min_frames=5)
    write_index(index, tmp_path / "frames.parquet")
    read = read_index(tmp_path / "frames.parquet")
    assert (read.video, read.chunks, read.upload) == (index.video, index.chunks, "0x8DC")
    assert read.rows.equals(index.rows)
    assert read.content_hash == index.content_hash


@pytest.mark.parametrize("name", ["cfr_25", "ten_bit_hevc", "gif"])
def test_indexing_again_gives_the_same_index(name: str, clip: Clips) -> None:
    assert index_frames(clip(name)).rows.equals(index_frames(clip(name)).rows)


def test_the_content_hash_sees_pictures_and_times(clip: Clips, tmp_path: Path) -> None:
    indexes = [index_frames(clip(name)) for name in ("cfr_25", "cfr_50", "rotated_90", "vfr_mp4")]
    assert len({index.content_hash for index in indexes}) == 4


@pytest.mark.parametrize("name", CLIPS | CONVERTED)
def test_every_frame_is_handed_on_in_order_with_its_number(name: str, clip: Clips) -> None:
    seen: list[tuple[int, Picture]] = []
    index = index_frames(clip(name), on_frame=lambda number, planes: seen.append((number, planes)))
    assert [number for number, _ in seen] == list(range(len(index)))
    assert all(planes.dtype == np.uint8 and planes.flags.c_contiguous for _, planes in seen)
    assert index.rows["frame"].to_pylist() == list(range(len(index)))


def test_a_frame_lasts_until_the_next_one(clip: Clips) -> None:
    index = index_frames(clip("vfr_mp4"))
    durations = index.rows["duration"].to_pylist()
    assert durations[:-1] == np.diff(index.pts).tolist()
    assert durations[-1] > 0
    assert index.seconds == sum(durations) * index.video.time_base


def empty(folder: Path) -> Path:
    path = folder / "a.mp4"
    path.touch()
    return path


def random_bytes(folder: Path) -> Path:
    path = folder / "a.mp4"
    path.write_bytes(np.random.default_rng(0).bytes(50_000))
    return path


def truncated(name: str, *arguments: str, kept: float = 0.6) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / name
        ffmpeg(*moving(frames=120), *tone(5), *arguments, path)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * kept)])
        return path

    return make


def without_pictures(folder: Path) -> Path:
    path = folder / "a.mp4"
    ffmpeg(*tone(), *AAC, path)
    return path


def with_a_cover_only(folder: Path) -> Path:
    cover, path = folder / "cover.png", folder / "a.m4a"
    ffmpeg(*moving(frames=1), cover)
    tracks = ["-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v", "attached_pic"]
    ffmpeg(*tone(), "-i", cover, *tracks, *AAC, path)
    return path


def without_frames(folder: Path) -> Path:
    path = folder / "a.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.start_encoding()
    return path


def without_frames_and_header(folder: Path) -> Path:
    path = folder / "a.mp4"
    ffmpeg(*moving(), *H264, "-frames:v", "0", path)
    return path


def with_a_damaged_frame(folder: Path) -> Path:
    path = folder / "a.mp4"
    ffmpeg(*moving("160x120"), *H264, path)
    with av.open(str(path)) as container:
        packet = [p for p in container.demux(container.streams.video[0]) if p.is_keyframe][1]
        start, size = packet.pos or 0, packet.size
    data = bytearray(path.read_bytes())
    for place in range(start + size // 2, start + size // 2 + 64):
        data[place] ^= 0x5A
    path.write_bytes(data)
    return path


def resized_midway(folder: Path) -> Path:
    path = folder / "a.ts"
    parts = [folder / "1.ts", folder / "2.ts"]
    for second, (part, size) in enumerate(zip(parts, ("64x48", "128x96"), strict=True)):
        ffmpeg(*moving(size), *H264, "-output_ts_offset", str(2 * second), part)
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


ENDS_EARLY = r"it ends after \d\.\d of \d\.\d s: upload the whole file"
BROKEN: dict[str, tuple[Callable[[Path], Path], str]] = {
    "empty": (empty, "a.mp4 cannot be decoded"),
    "random_bytes": (random_bytes, "a.mp4 cannot be decoded"),
    "truncated_mp4": (truncated("a.mp4"), "a.mp4 cannot be decoded"),
    "truncated_streaming_mp4": (truncated("a.mp4", "-movflags", "+faststart"), ENDS_EARLY),
    "truncated_mkv": (truncated("a.mkv"), ENDS_EARLY),
    "truncated_webm": (truncated("a.webm", *VP9), ENDS_EARLY),
    "truncated_avi": (truncated("a.avi", "-c:v", "mpeg4"), ENDS_EARLY),
    "without_pictures": (without_pictures, "a.mp4 has no video track"),
    "with_a_cover_only": (with_a_cover_only, "a.m4a has no video track"),
    "without_frames": (without_frames, "a.mkv cannot be decoded: End of file"),
    "without_frames_and_header": (without_frames_and_header, "a.mp4 has "),
    "with_a_damaged_frame": (with_a_damaged_frame, "frame .* is damaged"),
    "resized_midway": (resized_midway, "changes from 64x48 to 128x96 midway: split it there"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_styled_is_refused_in_one_clear_line(name: str, tmp_path: Path) -> None:
    make, message = BROKEN[name]
    with pytest.raises(UnreadableVideo, match=message) as caught:
        index_frames(make(tmp_path))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize(
    "playlist",
    [
        "ffconcat version 1.0\nfile secret.mp4\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nsecret.mp4\n#EXT-X-ENDLIST\n",
    ],
    ids=["ffconcat", "hls"],
)
@pytest.mark.parametrize("read", [index_frames, plan_tracks])
def test_a_playlist_that_calls_itself_a_video_reads_no_other_file(
    playlist: str, read: Callable[[Path], object], clip: Clips, tmp_path: Path
) -> None:
    (tmp_path / "secret.mp4").write_bytes(clip("cfr_25").read_bytes())
    path = tmp_path / "a.mp4"
    path.write_text(playlist)
    with pytest.raises(UnreadableVideo, match=r"a\.mp4 cannot be decoded"):
        read(path)
