"""Write the film, and what goes round the styling: audio, subtitles, chapters and tags."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import ffmpeg

from style_pipeline.media.audio_tracks import AudioTrack
from style_pipeline.media.containers import COPY
from style_pipeline.media.ffmpeg import open_input, write_copy
from style_pipeline.media.file_tags import OF_CONTAINER, chapters_file, custom, read_tags
from style_pipeline.media.immersive import mark_pictures
from style_pipeline.media.languages import three_letters
from style_pipeline.media.limits import MAX_HOURS
from style_pipeline.media.source import time_base
from style_pipeline.media.track_plan import Sidecar, Track, TrackPlan
from style_pipeline.media.video_format import VideoFormat

# Of Matroska, in which Vorbis begins before 0: a decoder needs a packet before its first samples.
# FFmpeg would have all others come later by as much.
AS_THEY_ARE: Final = {"avoid_negative_ts": "disabled"}
# Matches no track, so that the source is an input for its tags and chapters alone.
NOTHING = "t:99?"


def extract_audio(source: Path, plan: TrackPlan, output: Path) -> None:
    """Copy every audio packet of a source, bit for bit, onto the film's clock.

    What no container holds is decoded; what is damaged at the ends is left out.
    """
    # An input's offset is rounded to its ticks, which are packets in AVI: where the source does not
    # begin at its clock's 0, that is too much.
    late = bool(plan.skipped)
    original = open_input(source, **({} if late else {"itsoffset": _offset(plan)}))
    clock = Fraction(0) if late else plan.start
    tracks = [original[str(track.index)] for track in plan.audio]
    # Edit lists count in the movie's time scale: in a sample rate's multiple they are exact.
    options: dict[str, Any] = {"movie_timescale": 705_600_000} if plan.is_mp4 else {**AS_THEY_ARE}
    if late:
        options["output_ts_offset"] = _offset(plan)
    for place, track in enumerate(plan.audio):
        ends = _ends(track.sound, clock) if track.sound else (0.0, 0.0)
        if track.kept_as != COPY:
            options[f"c:a:{place}"] = track.kept_as
            if track.sound and track.sound.trimmed:
                options[f"filter:a:{place}"] = "aselect='between(t,{:.6f},{:.6f})'".format(*ends)
        elif track.sound and (track.sound.cut or track.sound.trimmed or track.sound.unusable):
            options[f"bsf:a:{place}"] = _only(*ends, but=track.sound.unusable)
    # Damage in what is cut off is none of the film's.
    strict = not plan.is_cut and not plan.conceals and not any(sound.cut for sound in plan.sound)
    write_copy(tracks, output, of=[source], strict=strict, f=plan.container, copyts=None, **options)


def _ends(sound: AudioTrack, clock: Fraction) -> tuple[float, float]:
    """Times just before the first packet that is kept and just after the last, less ``clock``."""
    # Seconds: less than any packet lasts, and as much as FFmpeg rounds.
    near = max(0.0005, float(sound.tick / 2))
    return float(sound.first - clock) - near, float(sound.last - clock) + near


def _only(start: float, end: float, *, but: Sequence[int] = ()) -> str:
    """A filter of packets that drops those which do not begin between two times, and some more."""
    dropped = "".join(f"+eq(n,{place})" for place in but)
    return f"noise=drop='lt(pts*tb,{start:.6f})+gt(pts*tb,{end:.6f}){dropped}'"


def mux_film(
    film: Path,
    *,
    pictures: Path,
    audio: Path | None,
    source: Path,
    plan: TrackPlan,
    video: VideoFormat,
    comment: str = "",
) -> None:
    """Put styled pictures and everything else that the source has into one film.

    Pictures and audio are copied. Text subtitles become the container's own kind of text. A
    `comment` comes after that of the source. What is 360 degrees or stereo 3D is marked as `video`.
    """
    original = open_input(source, itsoffset=_offset(plan))
    kept = [open_input(pictures)["v"]]
    if audio is not None:
        kept.append(open_input(audio)["a"])
    tags = read_tags(source, skipped=plan.skipped)
    chapters = chapters_file(source, plan, end=_end(pictures), folder=film.parent)
    rest = [original[str(track.index)] for track in plan.subtitles + plan.attachments]
    kept += rest or [original[NOTHING]]
    place = 2 if audio is not None else 1
    chapters_place = place
    if chapters:
        chapters_place += 1
        kept.append(ffmpeg.input(str(chapters), f="ffmetadata")[NOTHING])
    write_copy(
        kept,
        film,
        of=[pictures, source, *([audio] if audio else [])],
        f=plan.container,
        copyts=None,
        map_metadata=place,
        map_chapters=chapters_place,
        **_cut_subtitles(plan, plan.subtitles),
        **_texts(plan),
        **_tags(plan, tags, comment),
        **(_mp4_options(pictures, tags) if plan.is_mp4 else _matroska_options(video.stereo)),
    )
    if plan.is_mp4:  # Matroska has them from `pictures`
        mark_pictures(film, video)


def _end(pictures: Path) -> Fraction:
    """Seconds at which the film's pictures end."""
    with av.open(str(pictures)) as container:
        stream = container.streams.video[0]
        start = stream.start_time or 0
        return (start + (stream.duration or 0)) * time_base(stream)


def write_sidecar(source: Path, sidecar: Sidecar, plan: TrackPlan, output: Path) -> None:
    """Copy a track of subtitles into a file of its own, onto the film's clock."""
    original = open_input(source, itsoffset=_offset(plan))
    track = original[str(sidecar.track.index)]
    cut = _cut_subtitles(plan, [sidecar.track])
    write_copy([track], output, of=[source], strict=not cut, f=sidecar.format, copyts=None, **cut)


def _cut_subtitles(plan: TrackPlan, tracks: Sequence[Track]) -> dict[str, Any]:
    """Only cues that begin in the part that is taken."""
    if not plan.is_cut:
        return {}
    end = float(MAX_HOURS * 3600 if plan.end is None else plan.end - plan.start)
    return {f"bsf:s:{place}": _only(-0.0005, end) for place, _ in enumerate(tracks)}


def _tags(plan: TrackPlan, of_file: Mapping[str, str], comment: str) -> dict[str, Any]:
    """What is lost with the old pictures, and in an audio file that is MP4; and the comment."""
    of_film = dict.fromkeys(OF_CONTAINER, "")
    if comment:
        name = next((name for name in of_file if name.lower() == "comment"), "comment")
        of_film[name] = "\n".join(filter(None, (of_file.get(name), comment)))
    of_film |= {name: of_file[name] for name in ("creation_time", "timecode") if name in of_file}
    tags = {f"metadata:g:{place}": "=".join(tag) for place, tag in enumerate(of_film.items())}
    everything = {"v": (plan.video,), "a": plan.audio, "s": plan.subtitles}
    for kind, tracks in everything.items():
        for place, track in enumerate(tracks):
            language = three_letters(track.language) if plan.is_mp4 else track.language
            tags[f"metadata:s:{kind}:{place}"] = f"language={language}"
    for place, track in enumerate((plan.video, *plan.audio, *plan.subtitles)):
        if track.title:
            tags[f"metadata:s:{place}"] = f"title={track.title}"
    return tags


def _offset(plan: TrackPlan) -> str:
    return f"{-float(plan.start):.6f}"


def _texts(plan: TrackPlan) -> dict[str, Any]:
    """MP4 holds its own kind of text alone, and Matroska every other."""
    kind = "mov_text" if plan.is_mp4 else "subrip"
    return {
        f"c:s:{place}": kind
        for place, track in enumerate(plan.subtitles)
        if (track.codec == "mov_text") != plan.is_mp4
    }


def _mp4_options(pictures: Path, tags: Mapping[str, str]) -> dict[str, Any]:
    """Playable while it downloads, and every picture at exactly its time."""
    with av.open(str(pictures)) as container:
        stream = container.streams.video[0]
        timescale = time_base(stream).denominator
        is_hevc = stream.codec_context.name == "hevc"
    return {
        **({"tag:v": "hvc1"} if is_hevc else {}),  # Apple's players take no other
        "movflags": "+faststart" + ("+use_metadata_tags" if custom(tags) else ""),
        "video_track_timescale": timescale,
        "movie_timescale": timescale,
    }


def _matroska_options(stereo: str) -> dict[str, Any]:
    return AS_THEY_ARE | ({"metadata:s:v": f"stereo_mode={stereo}"} if stereo else {})
