"""Damage videos in every way, and see that each is indexed or refused."""

import resource
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from style_pipeline.media.indexing import index_frames
from style_pipeline.media.source import UnreadableVideo
from style_pipeline.media.tracks import plan_tracks
from style_pipeline_tests.clips import AAC, H264, NO_B_FRAMES, VP9, Maker, moving, plain, tone

WITH_SOUND = [*moving(frames=6), *tone(0.3)]
SOURCES: dict[str, Maker] = {
    "mp4": plain("a.mp4", *H264, *AAC, inputs=WITH_SOUND),
    "fragmented": plain("b.mp4", *H264, "-movflags", "+frag_keyframe+empty_moov"),
    "mov": plain("a.mov", "-c:v", "mjpeg", "-c:a", "pcm_s16le", inputs=WITH_SOUND),
    "mkv": plain("a.mkv", *H264, *AAC, inputs=WITH_SOUND),
    "webm": plain("a.webm", *VP9, inputs=moving(frames=6)),
    "avi": plain("a.avi", "-c:v", "mpeg4", "-c:a", "libmp3lame", inputs=WITH_SOUND),
    "ts": plain("a.ts", *H264, *AAC, inputs=WITH_SOUND),
    "mpg": plain("a.mpg", inputs=WITH_SOUND),
    "flv": plain("a.flv", *NO_B_FRAMES, *AAC, inputs=WITH_SOUND),
    "wmv": plain("a.wmv", inputs=WITH_SOUND),
    "ogv": plain("a.ogv", "-c:v", "libtheora", inputs=moving(frames=6)),
    "gif": plain("a.gif", inputs=moving(frames=6)),
    "png": plain("b.mkv", "-c:v", "png", inputs=moving(frames=2)),
}
MOST_BYTES = 4 << 20

Damage = Callable[[bytes], bytes]
places = st.floats(0, 1, exclude_max=True)
runs = st.binary(min_size=1, max_size=8) | st.sampled_from(
    [b"\0" * 4, b"\xff" * 4, b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\xff" * 8, b"\0\0\0\x01"]
)


def overwritten(place: float, run: bytes) -> Damage:
    def damage(data: bytes) -> bytes:
        at = int(place * len(data))
        return (data[:at] + run + data[at + len(run) :])[: len(data)]

    return damage


def flipped(place: float, bit: int) -> Damage:
    def damage(data: bytes) -> bytes:
        at = int(place * len(data))
        return data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]

    return damage


def moved(source: float, length: float, target: float) -> Damage:
    """A part repeated elsewhere, which shifts what follows."""

    def damage(data: bytes) -> bytes:
        start, at = int(source * len(data)), int(target * len(data))
        return data[:at] + data[start : start + int(length * len(data) / 4)] + data[at:]

    return damage


def removed(place: float, length: float) -> Damage:
    def damage(data: bytes) -> bytes:
        at = int(place * len(data))
        return data[:at] + data[at + 1 + int(length * len(data) / 4) :]

    return damage


damages = st.one_of(
    st.builds(overwritten, places.map(lambda place: place**3), runs),
    st.builds(overwritten, places, runs),
    st.builds(flipped, places, st.integers(0, 7)),
    st.builds(moved, places, places, places),
    st.builds(removed, places, places),
)


def fuzz(
    folder: Path,
    *,
    examples: int,
    on_progress: Callable[[int, int], None],
) -> tuple[int, int]:
    """How many damaged copies of the videos in a folder were indexed, and how many refused.

    Whatever else `index_frames` and `plan_tracks` raise is raised.
    """
    originals = {path.parent.name: path for path in folder.glob("*/*")}
    resource.setrlimit(
        resource.RLIMIT_FSIZE, (MOST_BYTES, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
    )
    counts = {"indexed": 0, "refused": 0}

    @settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(sorted(originals)), st.lists(damages, min_size=1, max_size=6))
    def check(name: str, damage: list[Damage]) -> None:
        original = originals[name]
        data = original.read_bytes()
        for change in damage:
            data = change(data) if data else data
        path = folder / f"damaged{original.suffix}"
        path.write_bytes(data[:MOST_BYTES])
        for read in (index_frames, plan_tracks):
            try:
                read(path)
                counts["indexed"] += read is index_frames
            except UnreadableVideo:
                counts["refused"] += read is index_frames
        on_progress(sum(counts.values()), examples)

    check()
    return counts["indexed"], counts["refused"]
