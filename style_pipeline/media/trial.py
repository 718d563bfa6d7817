"""Make a film without its pictures, before anything is painted: what fails then fails early."""

from pathlib import Path

import av
from av.packet import Packet
from av.video.frame import VideoFrame

from style_pipeline.media.film_checks import check_numbers
from style_pipeline.media.frame_index import FrameIndex
from style_pipeline.media.indexing import index_frames
from style_pipeline.media.muxing import extract_audio, mux_film, write_sidecar
from style_pipeline.media.source import UnreadableVideo
from style_pipeline.media.track_plan import TrackPlan

_SIDE = 16


def try_film(source: Path, index: FrameIndex, plan: TrackPlan, *, folder: Path) -> None:
    """Put a film together from everything but its pictures, and check what can be checked.

    Gray pictures of a few pixels stand for the source's, each at its time. Raises `UnreadableVideo`
    with what would fail in the end.
    """
    pictures, film = folder / "blank.mp4", folder / f"trial.{plan.film_extension}"
    write_blank(pictures, index)
    sound = None
    if plan.audio:
        sound = folder / f"sound.{plan.audio_extension}"
        extract_audio(source, plan, sound)
    mux_film(film, pictures=pictures, audio=sound, source=source, plan=plan, video=index.video)
    for sidecar in plan.beside:
        write_sidecar(source, sidecar, plan, folder / f"trial.{sidecar.ending}")
    findings = check_numbers(film, index_frames(film, deinterlace=False), index, plan=plan)
    for path in folder.glob("trial.*"):
        path.unlink()
    wrong = [
        f"{finding.name} ({finding.description})" for finding in findings if not finding.passed
    ]
    if wrong:
        raise UnreadableVideo(f"its film would fail these checks: {'; '.join(wrong)}")


def write_blank(path: Path, index: FrameIndex) -> None:
    """Gray pictures at the times of all frames of an index, on the film's clock."""
    video = index.video
    exact = {"movie_timescale": str(video.time_base.denominator)}
    with av.open(str(path), "w", format="mp4", options=exact) as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.width = stream.height = _SIDE
        stream.pix_fmt = "yuvj420p"
        stream.time_base = video.time_base
        (encoded,) = stream.encode(VideoFrame(_SIDE, _SIDE, "yuvj420p"))
        data = bytes(encoded)
        start = int(video.start / video.time_base)
        for pts in index.pts.tolist():
            packet = Packet(data)
            packet.stream = stream
            packet.time_base = video.time_base
            packet.pts = packet.dts = pts - start
            packet.duration = index.durations[pts]
            packet.is_keyframe = True
            container.mux(packet)
