"""Choose what becomes of the tracks that go round the styling: audio and subtitles."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from av.container import InputContainer
from av.stream import Discard, Disposition, Stream
from av.video.stream import VideoStream

from style_pipeline.media.audio_tracks import SYNC_TOLERANCE, AudioTrack, read_audio_tracks
from style_pipeline.media.containers import COPY, choose_container
from style_pipeline.media.cut import WHOLE, Cut, Part
from style_pipeline.media.facts import TrackFacts, track_facts
from style_pipeline.media.languages import UNKNOWN
from style_pipeline.media.source import DamagedVideo, open_video, picture_tracks
from style_pipeline.media.subtitles import share_out, without_cues
from style_pipeline.media.track_plan import Track, TrackPlan


def plan_tracks(
    source: Path, *, track: int | None = None, conceal: bool = False, cut: Cut = WHOLE
) -> TrackPlan:
    """Choose the film's container and tracks by what the source holds.

    `track` is the one that is styled, by default the one that players show; `conceal` takes audio
    that is damaged as it is; of what is `cut` off nothing is taken. All of the file is read. Raises
    `UnreadableVideo` for a file without a video track and for damaged audio.
    """
    with open_video(source, track=track) as (container, video):
        facts = track_facts(container)
        others = [
            stream
            for stream in container.streams
            # A chapter list that is stored as a track is not one to be kept beside the chapters.
            if stream.index != video.index and stream.discard != Discard.all
        ]
        tracks = {stream.index: _track(stream, facts) for stream in others}
        decodable = [s for s in container.streams.audio if s.codec_context is not None]
        heard = {found.index: found for found in read_audio_tracks(source)}
        streams = [s for s in decodable if not heard[s.index].is_empty]
        interrupted = any(abs(heard[s.index].silence) > SYNC_TOLERANCE for s in streams)
        choice, ways = choose_container(streams, interrupted=interrupted)
        part = Part.of(container, video, cut)
        if cut:
            taken = partial(part.holds_sound, lead=choice != "matroska")
            heard = {found.index: found for found in read_audio_tracks(source, taken=taken)}
            streams = [s for s in streams if not heard[s.index].is_empty]
        audio = tuple(
            _audio(source, tracks[s.index], ways[s.index], heard, conceal, part) for s in streams
        )
        texts = [t for t in tracks.values() if t.kind == "subtitle"]
        silent = without_cues(container, [t.index for t in texts], part) if cut else set()
        texts = [t for t in texts if t.index not in silent]
        subtitles, beside = share_out(texts, container, into=choice)
        fonts = [t for t in tracks.values() if t.kind == "attachment"]
        attachments = tuple(fonts) if choice == "matroska" else ()
        kept = {t.index for t in (*audio, *subtitles, *attachments, *(b.track for b in beside))}
        return TrackPlan(
            container=choice,
            video=_track(video, facts),
            audio=audio,
            subtitles=subtitles,
            beside=beside,
            attachments=attachments,
            left_out=(
                *(
                    f"{t}: {_why(t, choice, heard, silent)}"
                    for t in tracks.values()
                    # A time code is written again, by what the file's tags say of it.
                    if t.index not in kept and t.codec != "tmcd"
                ),
                *(
                    f"{t}: {t.sound.cut} damaged packets where it is cut off"
                    for t in audio
                    if t.sound and t.sound.cut
                ),
            ),
            converted=_converted(audio),
            start=part.start,
            end=part.end,
            skipped=part.skipped,
            conceals=conceal,
            pictures=_pictures(container, video),
        )


def _track(stream: Stream, facts: dict[int, TrackFacts]) -> Track:
    decoder = stream.codec_context
    return Track(
        kind=stream.type,
        index=stream.index,
        codec=decoder.name if decoder else _codec(stream, facts),
        language=stream.language or UNKNOWN,
        # MP4 calls it name when reading and title when writing.
        title=stream.metadata.get("title") or stream.metadata.get("name", ""),
        forced=bool(stream.disposition & Disposition.forced),
    )


def _codec(stream: Stream, facts: dict[int, TrackFacts]) -> str:
    """Of what cannot be decoded; a font is known by its file's name."""
    if stream.type == "attachment":
        return stream.metadata.get("filename") or "a file"
    known = facts.get(stream.index)
    return known.codec if known and known.codec != "none" else "unknown"


def _audio(
    source: Path,
    track: Track,
    way: str,
    heard: dict[int, AudioTrack],
    conceal: bool,
    part: Part,
) -> Track:
    sound = heard[track.index]
    if sound.damaged and not conceal:
        raise DamagedVideo(f"{track} is damaged in {sound.damaged} places")
    if way != COPY:
        # What is decoded begins with whole samples, and needs no lead.
        taken = partial(part.holds_sound, lead=False)
        decoded = read_audio_tracks(source, decoded={track.index}, taken=taken)
        samples = next(found for found in decoded if found.index == track.index)
        sound = replace(samples, damaged=sound.damaged)
    return replace(track, kept_as=way, sound=sound)


def _why(
    track: Track, container: str, heard: dict[int, AudioTrack], silent: Collection[int]
) -> str:
    if track.index in silent:
        return "it is empty"
    if track.kind == "audio":
        sound = heard.get(track.index)
        return "it is empty" if sound and sound.is_empty else "FFmpeg cannot decode it"
    if track.codec == "unknown":
        return "FFmpeg does not know it"
    return f"{container} films do not carry it"


def _converted(audio: Iterable[Track]) -> tuple[str, ...]:
    return tuple(
        f"{track}: decoded, and kept as {track.kept_as}" for track in audio if track.kept_as != COPY
    )


def _pictures(container: InputContainer, video: VideoStream) -> str:
    count = len(picture_tracks(container))
    size = f"{video.codec_context.width}x{video.codec_context.height}"
    return f"track {video.index} ({size}), of {count} with pictures" if count > 1 else ""
