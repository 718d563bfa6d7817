"""What identifies the audio of a file: compare two and know whether a packet was touched."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from fractions import Fraction
from hashlib import blake2b
from pathlib import Path
from typing import Final, cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.bitstream import BitStreamFilterContext
from av.packet import Packet

from style_pipeline.media.source import open_video, packets, time_base

SYNC_TOLERANCE: Final = Fraction(20, 1000)
"""Seconds; ITU-R BT.1359 puts the first noticeable offset at 45 ms."""

Taken = Callable[[Fraction, Fraction], bool]

_BEGINS: Final = {"ac3": (b"\x0b\x77", b"\x77\x0b"), "eac3": (b"\x0b\x77",)}
"""Packets by codec: where a recording begins in one, FFmpeg passes on the rest of it as whole."""


@dataclass(frozen=True)
class AudioTrack:
    """The number of packets, a hash of all their bytes, and when the sound begins and ends.

    Uncompressed audio has no packets of its own: containers cut it as they like, so `packets` is 0.
    Of decoded audio `packets` counts samples, and nothing is hashed where they are no integers, as
    their last digits differ from machine to machine. Packets that are damaged at either end, where
    a recording is cut, do not belong to the track.
    """

    packets: int
    digest: str
    start: Fraction
    end: Fraction
    """Where the last packet starts or, of samples, the last sample ends."""
    index: int = 0
    """Of the track in its file."""
    first: Fraction = Fraction(0)
    last: Fraction = Fraction(0)
    """When the first and the last whole packet start."""
    cut: int = 0
    """Damaged packets at the ends."""
    damaged: int = 0
    """Damaged packets between."""
    unusable: tuple[int, ...] = ()
    """Of all its packets in the file those, from 0, that no container takes: headers are broken."""
    is_empty: bool = False
    trimmed: bool = False
    """Some of it is outside the part of the video that is taken."""
    tick: Fraction = Fraction(0)
    """Of the times in the file: in AVI as long as a packet."""
    silence: Fraction = Fraction(0)
    """Seconds, between its start and its end, of which an uncompressed track has no samples."""


def read_audio_tracks(
    path: Path,
    *,
    decoded: Collection[int] = (),
    taken: Taken | None = None,
) -> list[AudioTrack]:
    """Every audio track of a video file, times in seconds on the file's clock.

    `taken` tells by its start and its length whether a packet is; by default all are.

    AAC is compared without the ADTS header that MPEG-TS puts before each packet, the tracks of the
    indexes `decoded` by their samples. Raises `UnreadableVideo`.
    """
    with open_video(path) as (container, _):
        readers = {
            stream.index: (_SampleReader if stream.index in decoded else _PacketReader)(
                stream, taken
            )
            for stream in container.streams.audio
        }
        # From where the file starts: a seek to 0 would miss what encoders put before it.
        for packet in packets(container, container.streams.audio) if readers else ():
            readers[packet.stream.index].add(cast("Packet[AudioStream]", packet))
        return [reader.track() for reader in readers.values()]


class _Reader:
    def __init__(self, stream: AudioStream, taken: Taken | None) -> None:
        self.taken, self.trimmed = taken, False
        self.index, self.tick = stream.index, time_base(stream)
        self.digest = blake2b(digest_size=16)

    def is_outside(self, at: Fraction, length: Fraction) -> bool:
        """Whether what lasts so long from then on is not taken; it is noted."""
        outside = self.taken is not None and not self.taken(at, length)
        self.trimmed |= outside
        return outside


class _PacketReader(_Reader):
    def __init__(self, stream: AudioStream, taken: Taken | None) -> None:
        super().__init__(stream, taken)
        self.codec = stream.codec_context.name if stream.codec_context else ""
        is_aac = self.codec == "aac"
        self.bare = BitStreamFilterContext("aac_adtstoasc", stream) if is_aac else None
        self.is_pcm = self.codec.startswith("pcm_")
        self.bytes_a_second = _bytes_a_second(stream) if self.is_pcm else 0
        self.seen = self.packets = self.bytes = 0
        self.start: int | None = None
        self.first: int | None = None
        self.last = self.end = 0
        self.cut = self.damaged = 0
        self.unusable: list[int] = []
        self.pending: list[tuple[int, Packet[AudioStream]]] = []
        """From a damaged one on, of which it does not show yet whether they are the end."""
        self.whole = 0
        """Packets in a row that are not damaged."""

    def add(self, packet: Packet[AudioStream]) -> None:
        place = self.seen
        self.seen += 1
        if not packet.size:
            return
        if packet.pts is not None:
            length = (packet.duration or 0) * self.tick
            if self.is_outside(packet.pts * self.tick, length):
                return
        self.whole = 0 if packet.is_corrupt else self.whole + 1
        if not self.packets and (packet.is_corrupt or not self._begins(packet)):
            self.cut += 1
        elif packet.is_corrupt or self.pending:
            self.pending.append((place, packet))
        else:
            self._take(place, packet)
        # One may be what a parser has left of the damaged ones.
        if self.pending and self.whole > 1:
            self.damaged += sum(pending.is_corrupt for _, pending in self.pending)
            for pending in self.pending:
                self._take(*pending)
            self.pending = []

    def _begins(self, packet: Packet[AudioStream]) -> bool:
        return bytes(packet).startswith(_BEGINS.get(self.codec, b""))

    def _take(self, place: int, packet: Packet[AudioStream]) -> None:
        pts, duration, is_corrupt = packet.pts, packet.duration or 0, packet.is_corrupt
        try:
            stripped = [bytes(p) for p in (self.bare.filter(packet) if self.bare else [packet])]
        except av.InvalidDataError:
            self.damaged += not is_corrupt
            self.unusable.append(place)
            return
        self.packets += 1
        if pts is not None:
            self.first = pts if self.first is None else self.first
            self.start = pts if self.start is None else min(self.start, pts)
            self.last = max(self.last, pts)
            self.end = max(self.end, pts + (duration if self.is_pcm else 0))
        for data in stripped:
            self.bytes += len(data)
            self.digest.update(data)

    def _silence(self) -> Fraction:
        """Seconds of a track of samples in which it has none."""
        if not self.bytes_a_second:
            return Fraction(0)
        lasts = (self.end - (self.start or 0)) * self.tick
        return lasts - Fraction(self.bytes, self.bytes_a_second)

    def track(self) -> AudioTrack:
        return AudioTrack(
            packets=0 if self.is_pcm else self.packets,
            digest=self.digest.hexdigest(),
            start=(self.start or 0) * self.tick,
            end=self.end * self.tick,
            index=self.index,
            first=(self.first or 0) * self.tick,
            last=self.last * self.tick,
            cut=self.cut + len(self.pending),
            damaged=self.damaged,
            unusable=tuple(self.unusable),
            is_empty=not self.packets,
            trimmed=self.trimmed,
            tick=self.tick,
            silence=self._silence(),
        )


def _bytes_a_second(stream: AudioStream) -> int:
    """Of uncompressed samples, whose codec's name tells their bits: `pcm_s24le`."""
    decoder = stream.codec_context
    bits = int("".join(filter(str.isdigit, decoder.name)) or 8)
    return decoder.sample_rate * decoder.channels * bits // 8


class _SampleReader(_Reader):
    def __init__(self, stream: AudioStream, taken: Taken | None) -> None:
        super().__init__(stream, taken)
        self.hashes = not stream.codec_context.format.name.startswith(("flt", "dbl"))
        self.samples = 0
        self.rate = 1
        self.start: Fraction | None = None
        self.last = Fraction(0)

    def add(self, packet: Packet[AudioStream]) -> None:
        try:
            frames = packet.decode()
        except av.InvalidDataError:  # which ffmpeg passes over, too
            return
        for frame in frames:
            if frame.pts is not None:
                at = frame.pts * (frame.time_base or self.tick)
                if self.is_outside(at, Fraction(frame.samples, frame.sample_rate)):
                    continue
                self.start = at if self.start is None else self.start
                self.last = at
            self.samples += frame.samples
            self.rate = frame.sample_rate
            if self.hashes:
                self.digest.update(_integers(frame))

    def track(self) -> AudioTrack:
        start = self.start or Fraction(0)
        return AudioTrack(
            packets=self.samples,
            digest=self.digest.hexdigest() if self.hashes else "",
            start=start,
            end=start + Fraction(self.samples, self.rate),
            index=self.index,
            first=start,
            last=self.last,
            is_empty=not self.samples,
            trimmed=self.trimmed,
            tick=self.tick,
        )


def _integers(frame: AudioFrame) -> bytes:
    """Samples as 32-bit numbers of full scale, channel after channel in each moment."""
    samples = frame.to_ndarray()
    bits = samples.dtype.itemsize * 8
    if samples.dtype == np.uint8:
        samples = samples.astype(np.int32) - 128
    whole = samples.astype(np.int32) << (32 - bits)
    # Planar samples come as one row for each channel, others in a single one.
    return np.ascontiguousarray(whole.T if frame.format.is_planar else whole).tobytes()
