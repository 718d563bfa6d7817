"""HDR pictures as SDR shows them, and back."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, cast

import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame

from style_pipeline.media.pictures import EXACT, Picture, tagged
from style_pipeline.media.video_format import H273_NUMBERS, PQ, VideoFormat

REFERENCE_WHITE: Final = 203.0
"""cd/m2 of white paper in HDR, which is white in SDR (ITU-R BT.2408)."""
HLG_PEAK: Final = 1000.0
KNEE: Final = 0.6
"""Share of SDR's light up to which HDR's is as it is; what is above is rolled off."""
SDR_GAMMA: Final = 2.4
CODES: Final = 1 << 16

Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.uint16]
Bytes = npt.NDArray[np.uint8]

# Linear RGB to that of BT.709, by the numbers of primaries in ITU-T H.273.
_FROM_2020 = ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187))
_FROM_P3 = ((1.2249, -0.2247, 0.0), (-0.0420, 1.0419, 0.0), (-0.0197, -0.0786, 1.0979))
_TO_709 = {2: _FROM_2020, 9: _FROM_2020, 11: _FROM_P3, 12: _FROM_P3}


def hdr_note(video: VideoFormat, keeps_hdr: bool) -> str:
    """What becomes of HDR, for people."""
    if keeps_hdr:
        return f"HDR ({video.hdr}): kept; networks see it tone-mapped"
    return f'HDR ({video.hdr}): tone-mapped to SDR, unless style.toml has hdr = "keep"'


def as_sdr(planes: Picture, video: VideoFormat) -> tuple[Picture, VideoFormat]:
    """An upright or coded picture in 8-bit SDR, and its format: what is SDR stays as it is."""
    if not video.hdr:
        return planes, video
    light = _tables(video.color_trc, video.peak)[0][_rgb(planes, video)]
    if (gamut := _TO_709.get(video.color_primaries)) is not None:
        light = light @ np.array(gamut, np.float32).T
    # By its square root, as the eye tells more of what is dark.
    steps = (np.sqrt(light.clip(0, 1)) * (CODES - 1) + 0.5).astype(np.uint16)
    return _planes(_encoding()[steps], video.sdr), video.sdr


def seen(planes: Picture, video: VideoFormat) -> Picture:
    """A picture as a network sees it: in 8 bits, each color by itself, so that there is a way back.

    It has the format `video.sdr` but for its primaries, which stay as they are.
    """
    return _planes(_tables(video.color_trc, video.peak)[1][_rgb(planes, video)], video.sdr)


def back(planes: Picture, video: VideoFormat) -> Picture:
    """The HDR picture that `seen` makes this one of."""
    return _planes(_tables(video.color_trc, video.peak)[2][_rgb(planes, video.sdr)], video)


def _rgb(planes: Picture, video: VideoFormat) -> Codes:
    frame = tagged(planes, video).reformat(format="rgb48le", interpolation=EXACT)
    return cast("Codes", frame.to_ndarray())


def _planes(rgb: Codes | Bytes, video: VideoFormat) -> Picture:
    # In the depth that it will have: from more bits FFmpeg would dither.
    form = "rgb24" if rgb.dtype == np.uint8 else "gbrp10le"
    frame = VideoFrame.from_ndarray(rgb, format=form).reformat(
        format=video.layout,
        dst_colorspace=H273_NUMBERS[video.matrix],
        dst_color_range=video.color_range,
        interpolation=EXACT,
    )
    return np.ascontiguousarray(cast(Picture, frame.to_ndarray()))


@lru_cache(maxsize=4)
def _tables(transfer: int, peak: int) -> tuple[Floats, Bytes, Codes]:
    """By 16-bit code: the light of SDR of an HDR code, 1 being white; its 8-bit SDR code; and the
    10-bit HDR code of an SDR code."""
    codes = np.arange(CODES) / (CODES - 1)
    light = _pq_light if transfer == PQ else _hlg_light
    most = (peak if transfer == PQ else HLG_PEAK) / REFERENCE_WHITE
    mapped = _rolled_off(light(codes) / REFERENCE_WHITE, most)
    forward = mapped ** (1 / SDR_GAMMA)
    backward = np.interp(codes, forward, codes)
    return (
        mapped.astype(np.float32),
        np.rint(forward * 255).astype(np.uint8),
        np.rint(backward * 1023).astype(np.uint16),
    )


@lru_cache(maxsize=1)
def _encoding() -> Bytes:
    light = (np.arange(CODES) / (CODES - 1)) ** 2
    return np.rint(light ** (1 / SDR_GAMMA) * 255).astype(np.uint8)


def _rolled_off(light: npt.NDArray[np.float64], most: float) -> npt.NDArray[np.float64]:
    """As it is up to the knee; from there on ever less of it, and at most 1 where `most` is 1."""
    if most <= 1:
        return light.clip(0, 1)
    steep = (most - KNEE) / (1 - KNEE)
    above = ((light - KNEE) / (most - KNEE)).clip(0, 1)
    return np.where(
        light <= KNEE, light, KNEE + (1 - KNEE) * steep * above / (1 + (steep - 1) * above)
    )


def _pq_light(code: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """cd/m2 (SMPTE ST 2084)."""
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    root = code ** (1 / m2)
    return 10000 * ((root - c1).clip(0) / (c2 - c3 * root)) ** (1 / m1)


def _hlg_light(code: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """cd/m2 on a display of 1000 (ITU-R BT.2100), each color by itself."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)
    return HLG_PEAK * scene.clip(0, 1) ** 1.2
