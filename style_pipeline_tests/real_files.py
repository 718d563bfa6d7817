"""Files as cameras, recorders and old programs write them, made small."""

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from style_pipeline_tests.clips import Maker, ffmpeg, moving, plain, tone

SOUND = moving(frames=50) + tone(2)


def of_photographs(name: str, *, orientation: int, size: tuple[int, int]) -> Maker:
    """JPEGs with EXIF, joined as they are."""

    def make(folder: Path) -> Path:
        width, height = size
        pixels = np.indices((height, width, 3)).sum(axis=0) % 200
        exif = Image.Exif()
        exif[0x0112] = orientation
        for number in range(8):
            shifted = np.roll(pixels, number, axis=1).astype(np.uint8)
            Image.fromarray(shifted).save(folder / f"photo{number}.jpg", exif=exif)
        output = folder / name
        ffmpeg("-framerate", "8", "-i", folder / "photo%d.jpg", "-c", "copy", output)
        return output

    return make


def cropped(name: str, *, size: str, **crop: int) -> Maker:
    """Matroska with PixelCrop: written over DisplayWidth and DisplayHeight, two of the four."""
    elements = {"bottom": 0x54AA, "top": 0x54BB, "left": 0x54CC, "right": 0x54DD}
    (first, one), (second, other) = crop.items()

    def make(folder: Path) -> Path:
        output = folder / name
        ffmpeg(*moving(size=size), "-vf", "setsar=2/1", "-c:v", "libx264", output)
        data = output.read_bytes()
        for display, place, amount in ((b"\x54\xb0", first, one), (b"\x54\xba", second, other)):
            at = data.index(display, data.index(b"\xe0"))
            length = data[at + 2] & 0x7F
            written = struct.pack(">H", elements[place]) + data[at + 2 : at + 3]
            written += amount.to_bytes(length, "big")
            data = data[:at] + written + data[at + len(written) :]
        output.write_bytes(data)
        return output

    return make


def part_of(name: str, maker: Maker, *, begin: float = 0, end: float = 1, unit: int = 188) -> Maker:
    """The bytes between two shares of a recording, as a recorder leaves it that was switched on and
    off at any time: whole packets of MPEG-TS, or single bytes."""

    def make(folder: Path) -> Path:
        data = maker(folder).read_bytes()
        count = len(data) // unit
        output = folder / name
        output.write_bytes(data[int(count * begin) * unit : int(count * end) * unit])
        return output

    return make


def renamed_codec(name: str, tag: bytes, new: bytes, *arguments: str) -> Maker:
    """A second audio track in MP4 or QuickTime of a codec that FFmpeg does not know."""

    def make(folder: Path) -> Path:
        output = folder / name
        inputs = SOUND + tone(2, frequency=880)
        maps = ["-map", "0:v", "-map", "1:a", "-map", "2:a"]
        ffmpeg(*inputs, *maps, "-c:v", "libx264", "-c:a", "aac", *arguments, output)
        head, trak, rest = output.read_bytes().rpartition(b"trak")
        # By this box FFmpeg knows the codec whatever its tag is.
        output.write_bytes(head + trak + rest.replace(tag, new).replace(b"esds", b"free"))
        return output

    return make


def two_pictures(
    name: str, sizes: Sequence[str], *arguments: str, default: Sequence[int] = ()
) -> Maker:
    """Several tracks of pictures, some of them default ones."""

    def make(folder: Path) -> Path:
        output = folder / name
        inputs = [argument for size in sizes for argument in moving(size=size)]
        maps = [argument for place in range(len(sizes)) for argument in ("-map", str(place))]
        flags = [
            argument
            for place in range(len(sizes))
            for argument in (f"-disposition:v:{place}", "default" if place in default else "0")
        ]
        ffmpeg(*inputs, *maps, *flags, "-c:v", "libx264", *arguments, output)
        return output

    return make


def subtitled(name: str, *texts: str, codecs: Sequence[str], languages: Sequence[str]) -> Maker:
    """A clip with tracks of text; texts that begin with a bracket are ASS."""

    def make(folder: Path) -> Path:
        inputs: list[str] = []
        for number, text in enumerate(texts):
            path = folder / f"text{number}.{'ass' if text.startswith('[') else 'srt'}"
            path.write_text(text)
            inputs += ["-i", str(path)]
        maps = [argument for place in range(len(texts) + 2) for argument in ("-map", str(place))]
        for place, (codec, language) in enumerate(zip(codecs, languages, strict=True)):
            maps += [f"-c:s:{place}", codec, f"-metadata:s:s:{place}", f"language={language}"]
        output = folder / name
        ffmpeg(*SOUND, *inputs, *maps, "-c:v", "libx264", "-c:a", "aac", output)
        return output

    return make


def interlaced(
    name: str,
    *arguments: str,
    first: str = "tff",
    flag: str | None = None,
    size: str = "160x120",
    frames: int = 30,
    sound: bool = False,
) -> Maker:
    """Fields of twice as many moments, the top or the bottom one first, flagged so or otherwise."""
    mode = "interleave_top" if first == "tff" else "interleave_bottom"
    said = first if flag is None else flag or "prog"
    fields = ["-vf", f"tinterlace={mode},setfield={said}"]
    inputs = moving(size=size, rate="50", frames=2 * frames)
    return plain(name, *fields, *arguments, inputs=inputs + (tone(frames / 25) if sound else []))
