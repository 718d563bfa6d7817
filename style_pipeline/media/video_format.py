"""What the pictures of a video are and how they are shown."""

from dataclasses import MISSING, dataclass, fields, replace
from fractions import Fraction
from typing import Final

from av.video.reformatter import ColorRange

from style_pipeline.media.cut import Cut
from style_pipeline.media.facts import NO_CROP

MATRICES = {1: "bt709", 4: "fcc", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020"}
"""The YUV matrices that FFmpeg's `AVColorSpace` numbers stand for (ITU-T H.273)."""
H273_NUMBERS = {matrix: number for number, matrix in MATRICES.items()}
RGB, UNSPECIFIED = 0, 2
PQ, HLG = 16, 18
"""Numbers of the transfer functions of HDR."""
DEFAULT_PEAK: Final = 1000
UNSUPPORTED_MATRICES = {
    8: ("YCgCo", "zscale=matrix=709"),
    10: (
        "BT.2020 with constant luminance",
        "zscale=transferin=2020_10:primariesin=2020:transfer=709:primaries=709:matrix=709",
    ),
}
"""Their names, and how ffmpeg converts them."""

FIRST_TRACK: Final = -1
"""Stands for the first track of pictures, whatever its index."""


@dataclass(frozen=True, kw_only=True)
class VideoFormat:
    """What the pictures of a video are and how they are shown.

    Colors carry FFmpeg's numbers (ITU-T H.273) as the source tags them, so that the film can be
    tagged alike; `matrix` and `full_range` say how the planes are to be read.
    """

    codec: str
    pixel_format: str
    width: int
    height: int
    time_base: Fraction
    average_rate: Fraction
    sample_aspect_ratio: Fraction
    rotation: int
    """Quarter turns counter-clockwise that bring the picture upright."""
    mirrored: bool
    matrix: str
    full_range: bool
    colorspace: int
    color_primaries: int
    color_trc: int
    start: Fraction
    """Seconds on the source's clock at which the film's clock is 0."""
    # What follows came later: an index without it was made as the defaults say.
    track: int = FIRST_TRACK
    """Index of the track in the file."""
    crop: tuple[int, int, int, int] = NO_CROP
    """Pixels that the container has players cut off the coded picture: left, right, top, bottom;
    `width` and `height` are what is left."""
    counted: bool = False
    """The file tells when frames are decoded and not when they are shown: they come in turn."""
    damaged: bool = False
    """Some of it cannot be decoded, and is not in the index or as the decoder makes it up."""
    concealed: bool = False
    """It is as the decoder makes it up."""
    deinterlaced: str = ""
    """Options of FFmpeg's bwdif, which each picture went through; nothing where none did."""
    fields: str = ""
    """Which field comes first, `tff` or `bff`, in a video that stays interlaced."""
    depth: int = 8
    """Bits of the planes' samples: 10 of HDR."""
    mastering: str = ""
    """HDR10's mastering display, as x265 takes it."""
    light: str = ""
    """HDR10's content light level: the brightest pixel, and the brightest frame's average."""
    stereo: str = ""
    """How both eyes' views lie in a picture, by Matroska's names; nothing where there is one."""
    spherical: tuple[int, ...] = ()
    """Of pictures of 360 degrees, the fields of FFmpeg's `AVSphericalMapping`."""
    cut_start: Fraction = Fraction(0)
    """Seconds of the whole video's film at which it is cut."""
    cut_end: Fraction = Fraction(0)
    """The same of the end; 0 where that stays."""

    @property
    def identity(self) -> str:
        """Tells formats apart, and two of the same apart by nothing that came later."""
        told = [
            f"{field.name}={getattr(self, field.name)!r}"
            for field in fields(self)
            if field.default is MISSING or getattr(self, field.name) != field.default
        ]
        return f"VideoFormat({', '.join(told)})"

    @property
    def cut(self) -> Cut:
        """What of the video is taken."""
        return Cut(self.cut_start, self.cut_end or None)

    @property
    def converted(self) -> tuple[str, ...]:
        """What of the pictures is not as in the file, for people."""
        if self.deinterlaced:
            return ('interlaced pictures: deinterlaced, unless style.toml has interlaced = "keep"',)
        return ()

    @property
    def color_range(self) -> ColorRange:
        return ColorRange.JPEG if self.full_range else ColorRange.MPEG

    @property
    def layout(self) -> str:
        if self.depth > 8:
            return "yuv444p16le" if self.is_odd else "yuv420p10le"
        return "yuv444p" if self.is_odd else "yuv420p"

    @property
    def is_odd(self) -> bool:
        """Whether chroma cannot be at half size."""
        left, _, top, _ = self.crop
        return any(number % 2 for number in (self.width, self.height, left, top))

    @property
    def hdr(self) -> str:
        """The name of its transfer function, of HDR."""
        names = {PQ: "PQ", HLG: "HLG"}
        return names.get(self.color_trc, "") if self.depth > 8 else ""

    @property
    def peak(self) -> int:
        """cd/m2 of the brightest pixel of HDR."""
        told = int(self.light.split(",")[0]) if self.light else 0
        if not told and self.mastering:
            told = int(self.mastering.rpartition("L(")[2].split(",")[0]) // 10_000
        return min(max(told, 400), 10_000) if told else DEFAULT_PEAK

    @property
    def sdr(self) -> "VideoFormat":
        """The format of the same pictures in SDR."""
        if not self.hdr:
            return self
        return replace(
            self,
            matrix="bt709",
            full_range=False,
            colorspace=1,
            color_primaries=1,
            color_trc=1,
            depth=8,
            mastering="",
            light="",
        )

    @property
    def upright_size(self) -> tuple[int, int]:
        """Width and height in pixels as shown."""
        return (self.height, self.width) if self.rotation % 2 else (self.width, self.height)

    @property
    def upright_shape(self) -> tuple[int, ...]:
        """Shape of the array that holds an upright picture."""
        width, height = self.upright_size
        return (3, height, width) if self.is_odd else (height * 3 // 2, width)

    @property
    def upright_aspect_ratio(self) -> Fraction:
        """Width of a shown pixel over its height."""
        ratio = self.sample_aspect_ratio
        return 1 / ratio if self.rotation % 2 else ratio
