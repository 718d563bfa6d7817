"""Closed captions (CEA-608/708) inside the stream of pictures, as ATSC A/53 has them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, cast

from av.packet import Packet
from av.video.stream import VideoStream

PREFIXES: Final = {"h264": b"\x06", "hevc": b"\x4e\x01"}
"""The header of a unit of messages (SEI), by codec: others' films hold no captions."""
MOST_BYTES: Final = 31 * 3
"""Of one message: pairs of characters, each with a byte that says what they are."""


def captioned(packet: Packet[VideoStream], captions: bytes, *, codec: str) -> Packet[VideoStream]:
    """A picture's packet, as MP4 holds it, with captions before it."""
    data = message_unit(captions, codec=codec) + bytes(packet)
    made = cast("Packet[VideoStream]", Packet(data))
    made.stream, made.time_base = packet.stream, packet.time_base
    made.pts, made.dts, made.duration = packet.pts, packet.dts, packet.duration
    made.is_keyframe = packet.is_keyframe
    return made


def message_unit(captions: bytes, *, codec: str) -> bytes:
    """Captions as a unit of a stream of that codec, after its length."""
    content = b"".join(_messages(captions)) + b"\x80"
    # Three bytes that look like the beginning of a unit are told apart by a fourth.
    content = re.sub(rb"\0\0(?=[\0-\3])", b"\0\0\3", content)
    unit = PREFIXES[codec] + content
    return len(unit).to_bytes(4, "big") + unit


def _messages(captions: bytes) -> Iterator[bytes]:
    for start in range(0, len(captions), MOST_BYTES):
        pairs = captions[start : start + MOST_BYTES]
        count = 0x40 | len(pairs) // 3
        data = b"\xb5\0\x31GA94\3" + bytes([count, 0xFF]) + pairs + b"\xff"
        yield bytes([4, len(data)]) + data
