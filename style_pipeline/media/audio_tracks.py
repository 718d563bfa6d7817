"""What identifies the audio of a file: compare two and know whether a packet was touched."""

from dataclasses import dataclass
from fractions import Fraction
from hashlib import blake2b
from pathlib import Path

import av
from av.bitstream import BitStreamFilterContext


@dataclass(frozen=True)
class AudioTrack:
    """The number of packets, a hash of all their bytes, and when the first and last one play."""

    packets: int
    digest: str
    start: Fraction
    end: Fraction


def read_audio_tracks(path: Path) -> list[AudioTrack]:
    """Every audio track of a file, times in seconds on the file's clock.

    AAC is compared without the ADTS header that MPEG-TS puts before each packet.
    """
    with av.open(str(path)) as container:
        return [_read_track(container, stream) for stream in container.streams.audio]


def _read_track(
    container: av.container.InputContainer, stream: av.audio.stream.AudioStream
) -> AudioTrack:
    aac = stream.codec_context.name == "aac"
    bare = BitStreamFilterContext("aac_adtstoasc", stream) if aac else None
    digest = blake2b(digest_size=16)
    times = []
    container.seek(0)
    for packet in container.demux(stream):
        if packet.size and packet.pts is not None:
            times.append(packet.pts * packet.time_base)
            for stripped in bare.filter(packet) if bare else [packet]:
                digest.update(bytes(stripped))
    start, end = (min(times), max(times)) if times else (Fraction(0), Fraction(0))
    return AudioTrack(len(times), digest.hexdigest(), start, end)
