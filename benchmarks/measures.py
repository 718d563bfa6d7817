"""What can be said of a painted picture in numbers that one can check by hand.

Pictures are float RGB (H, W, 3) in [0, 1] throughout.
"""

from collections.abc import Callable, Iterator
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.warping import Image

Painter = Callable[[Image], Image]
Profile = npt.NDArray[np.float64]

AXES: Final = 64
QUANTILES: Final = 1024
SAMPLED: Final = 20_000
"""Pixels, evenly spread, whose colors stand for a picture's."""
TONE_SIDE: Final = 32
"""Pixels of the long side at which light and dark are compared."""
SHIFTS: Final = ((1, 0), (2, 1), (1, 3))
SHIFTED_SIZE: Final = (480, 272)
MARGIN: Final = 16
"""Pixels at the picture's edges that are left out of the shift error: padding shows there."""
TEXTURE_SIGMA: Final = 8.0
PANELS: Final = (60, 190, 100, 230, 30, 150, 80, 200)
"""Levels of the panels whose edges are looked at for rims."""
PANEL_SIZE: Final = (160, 360)
REACH: Final = 32
"""Pixels on each side of an edge in which a rim is looked for."""
OUTLINE: Final = 3
"""Pixels on each side of an edge that are not looked at: a line along an edge is drawing."""


def luma(picture: Image) -> Image:
    return np.asarray(picture @ np.array([0.2126, 0.7152, 0.0722], np.float32), np.float32)


def palette_distance(picture: Image, painting: Image) -> float:
    """Sliced 1-Wasserstein distance of the pixels' colors, in levels of 255."""
    axes = np.random.default_rng(0).normal(size=(3, AXES))
    axes /= np.linalg.norm(axes, axis=0)
    places = (np.arange(QUANTILES) + 0.5) / QUANTILES

    def quantiles(image: Image) -> npt.NDArray[np.float64]:
        pixels = image.reshape(-1, 3)
        projected = np.sort(pixels[:: max(1, len(pixels) // SAMPLED)] @ axes, axis=0)
        return np.asarray(projected[(places * len(projected)).astype(int)], np.float64)

    return float(255 * np.abs(quantiles(picture) - quantiles(painting)).mean())


def tone_correlation(picture: Image, source: Image) -> float:
    """Of the light and dark of two pictures of one size, at low resolution; nan where one is
    flat."""
    height, width = source.shape[:2]
    scale = TONE_SIDE / max(height, width)
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    small = [
        cv2.resize(luma(image), size, interpolation=cv2.INTER_AREA).ravel()
        for image in (picture, source)
    ]
    if min(one.std() for one in small) < 1e-6:
        return float("nan")
    return float(np.corrcoef(small[0], small[1])[0, 1])


def match_histogram(picture: Image, painting: Image) -> Image:
    """``picture`` with the histogram of ``painting`` in each channel: a tint, not a painting."""
    matched = np.empty_like(picture)
    for channel in range(3):
        values = picture[..., channel].ravel()
        wanted = np.sort(painting[..., channel].ravel())
        ranks = (np.argsort(np.argsort(values, kind="stable")) + 0.5) / len(values)
        places = (np.arange(len(wanted)) + 0.5) / len(wanted)
        matched[..., channel] = np.interp(ranks, places, wanted).reshape(picture.shape[:2])
    return matched


def center(picture: Image, size: tuple[int, int]) -> Image:
    """The middle of it, at most ``size`` (W, H)."""
    height, width = picture.shape[:2]
    w, h = min(size[0], width), min(size[1], height)
    top, left = (height - h) // 2, (width - w) // 2
    return picture[top : top + h, left : left + w]


def shift_error(painter: Painter, picture: Image) -> float:
    """How differently a picture moved by one to three pixels is painted.

    The root mean square difference, moved back, of the middle of the picture, relative to the
    deviation of the painting's texture: 0 is what follows the picture, 1.4 what ignores it.
    """
    room = max(max(shift) for shift in SHIFTS)
    view = center(picture, (SHIFTED_SIZE[0] + room, SHIFTED_SIZE[1] + room))
    height, width = view.shape[0] - room, view.shape[1] - room
    height, width = height // 16 * 16, width // 16 * 16
    still = painter(view[:height, :width])
    texture = still - cv2.GaussianBlur(still, (0, 0), TEXTURE_SIGMA)
    deviation = float(np.sqrt(np.square(texture[MARGIN:-MARGIN, MARGIN:-MARGIN]).mean()))
    if deviation < 1e-6:
        return float("nan")
    errors = []
    for right, down in SHIFTS:
        moved = painter(view[down : down + height, right : right + width])
        inside = (slice(MARGIN, height - MARGIN), slice(MARGIN, width - MARGIN))
        there = (
            slice(MARGIN + down, height - MARGIN + down),
            slice(MARGIN + right, width - MARGIN + right),
        )
        errors.append(np.sqrt(np.square(still[there] - moved[inside]).mean()))
    return float(np.mean(errors)) / deviation


def edge_picture(background: Image) -> Image:
    """A frame of film with a band of gray panels across it, whose edges are strong and upright.

    The film above and below keeps the frame's statistics those of film.
    """
    width, height = PANEL_SIZE
    size = (width * len(PANELS), 2 * height)
    picture = cv2.resize(background, size, interpolation=cv2.INTER_AREA)
    levels = np.repeat(np.array(PANELS, np.float32) / 255, width)
    picture[height // 2 : height // 2 + height] = levels[None, :, None]
    return np.asarray(picture, np.float32)


def rims(painter: Painter, background: Image) -> float:
    """Levels of 255 by which light and dark overshoot beside edges, their mean.

    What is painted of `edge_picture` is averaged along each edge. From one side to the other its
    light may only rise, or only fall: the largest step back is the rim, less the steps back that
    the same painting takes away from edges.
    """
    painted = painter(edge_picture(background))
    height = PANEL_SIZE[1]
    inside = luma(painted)[height // 2 + MARGIN : height // 2 + height - MARGIN]
    return float(np.mean(list(_rims(255 * inside.mean(0, dtype=np.float64)))))


def _rims(profile: Profile) -> Iterator[float]:
    width = PANEL_SIZE[0]
    for edge in range(width, width * len(PANELS), width):
        left, right = edge - width // 2, edge + width // 2
        sign = 1.0 if profile[right] >= profile[left] else -1.0
        here, *texture = (step_back(sign * _around(profile, at)) for at in (edge, left, right))
        yield max(0.0, here - float(np.mean(texture)))


def _around(profile: Profile, place: int) -> Profile:
    beside = (profile[place - REACH : place - OUTLINE], profile[place + OUTLINE : place + REACH])
    return np.concatenate(beside)


def step_back(profile: Profile) -> float:
    """By how much a profile that ought to rise falls, at most, below what it had reached."""
    return float((np.maximum.accumulate(profile) - profile).max())
