"""What identifies the audio of a file: compare two and know whether a packet was touched."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from hashlib import blake2b
from pathlib import Path

from av.audio.stream import AudioStream
from av.bitstream import BitStreamFilterContext
from av.packet import Packet
from av.stream import Stream

from style_pipeline.media.source import open_video, time_base


@dataclass(frozen=True)
class AudioTrack:
    """The number of packets, a hash of all their bytes, and when the first and last one play.

    Uncompressed audio has no packets of its own: containers cut it as they like, so `packets` is 0.
    """

    packets: int
    digest: str
    start: Fraction
    end: Fraction


def read_audio_tracks(path: Path) -> list[AudioTrack]:
    """Every audio track of a video file, times in seconds on the file's clock.

    AAC is compared without the ADTS header that MPEG-TS puts before each packet. Raises
    `UnreadableVideo`.
    """
    with open_video(path) as (container, _):
        readers = {stream.index: _Reader(stream) for stream in container.streams.audio}
        # From where the file starts: a seek to 0 would miss what encoders put before it.
        for packet in container.demux(*container.streams.audio) if readers else ():
            readers[packet.stream.index].add(packet)
        return [reader.track() for reader in readers.values()]


class _Reader:
    def __init__(self, stream: AudioStream) -> None:
        codec = stream.codec_context.name if stream.codec_context else ""
        self.bare = BitStreamFilterContext("aac_adtstoasc", stream) if codec == "aac" else None
        self.counts = not codec.startswith("pcm_")
        self.digest = blake2b(digest_size=16)
        self.packets = 0
        self.tick = time_base(stream)
        self.start: int | None = None
        self.end = 0

    def add(self, packet: Packet[Stream]) -> None:
        if not packet.size:
            return
        self.packets += self.counts
        if packet.pts is not None:
            self.start = packet.pts if self.start is None else min(self.start, packet.pts)
            self.end = max(self.end, packet.pts)
        for stripped in self.bare.filter(packet) if self.bare else [packet]:
            self.digest.update(bytes(stripped))

    def track(self) -> AudioTrack:
        start, end = (self.start or 0) * self.tick, self.end * self.tick
        return AudioTrack(self.packets, self.digest.hexdigest(), start, end)
