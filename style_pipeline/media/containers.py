"""Which container can hold a film's audio, and what becomes of audio that none can hold."""

import io
from collections.abc import Sequence
from functools import cache
from typing import Final

import av
from av.audio.stream import AudioStream

# Decoders of what is registered for MP4; FFmpeg would put more into it, which players refuse.
MP4_AUDIO = frozenset(
    {"aac", "ac3", "alac", "eac3", "flac", "mp2", "mp2float", "mp3", "mp3float", "opus"}
)
EXTENSIONS = {"mp4": ("mp4", "m4a"), "mov": ("mov", "mov"), "matroska": ("mkv", "mka")}
"""Of the film and of the audio by itself, in each container."""

COPY: Final = "copy"
_PCM: Final = "pcm_f32le"
_LOSSLESS: Final = "flac"
_NOT_IN_ACM = frozenset({"adpcm_swf"})


def choose_container(
    audio: Sequence[AudioStream], *, interrupted: bool = False
) -> tuple[str, dict[int, str]]:
    """FFmpeg's name of the film's container, and how the audio of each index gets into it.

    Audio is kept as it is, whatever container that takes: MP4, QuickTime for uncompressed audio,
    Matroska for most else, QuickTime again. What none of them holds, or only another than the rest,
    is decoded, and loses nothing by it. Samples that are `interrupted` go into Matroska: QuickTime
    would play those after a gap early.
    """
    if interrupted and all(_holds("matroska", stream) for stream in audio):
        return "matroska", {stream.index: COPY for stream in audio}
    if container := _container_for(audio):
        return container, {stream.index: COPY for stream in audio}
    held = [stream for stream in audio if _holds("matroska", stream)]
    decoded = {s.index: _uncompressed(s) for s in audio if s not in held}
    container = _container_for(held) or "matroska"
    if _PCM in decoded.values() and container == "mp4":
        container = "mov"
    return container, {stream.index: COPY for stream in held} | decoded


def _container_for(audio: Sequence[AudioStream]) -> str | None:
    for container, is_allowed in (
        ("mp4", lambda codec: codec in MP4_AUDIO),
        ("mov", lambda codec: codec in MP4_AUDIO or codec.startswith("pcm_")),
        ("matroska", lambda codec: True),
        ("mov", lambda codec: True),
    ):
        if all(is_allowed(s.codec_context.name) and _holds(container, s) for s in audio):
            return container
    return None


def _holds(container: str, stream: AudioStream) -> bool:
    """Whether FFmpeg begins a file of that kind with that track."""
    try:
        with av.open(io.BytesIO(), "w", format=container) as output:
            output.add_stream_from_template(stream)
            output.start_encoding()
    except (av.FFmpegError, ValueError):
        # Matroska also holds what WAV does, which it does not tell.
        codec = stream.codec_context.name
        return container == "matroska" and codec in codecs_of("wav") - _NOT_IN_ACM
    return True


def _uncompressed(stream: AudioStream) -> str:
    return _PCM if stream.codec_context.format.name.startswith(("flt", "dbl")) else _LOSSLESS


@cache
def codecs_of(container: str) -> frozenset[str]:
    """Names of the codecs that FFmpeg says it can put into a container."""
    with av.open("/dev/null", "w", format=container) as output:
        return frozenset(output.supported_codecs)
