"""What two frames in a row show of being interlaced."""

from typing import Final, Literal, cast

import numpy as np
import numpy.typing as npt

Verdict = Literal["tff", "bff", "progressive"]
Luma = npt.NDArray[np.float32]

BLOCK: Final = (8, 16)
"""Lines of a field, and columns, that are judged together."""
LEAST_ROWS: Final = 4
"""Of a frame that has any fields to speak of."""
LEAST_COMBING: Final = 0.15
"""Gray levels per pixel, and share of what there is: where little moves, all weaves are alike."""


def judge(before: Luma, after: Luma) -> Verdict | None:
    """What two frames in a row show; nothing where little moves.

    Three weaves are compared: of the fields of the first frame, and of each of them with the other
    field of the second frame. A progressive frame's own fields fit each other best, everywhere;
    else those fit best that follow each other in time, here these and there those.
    """
    top, bottom = before[0::2], before[1::2]
    own = _combing(top, bottom)
    later_top, later_bottom = (
        weave - own for weave in (_combing(after[0::2], bottom), _combing(top, after[1::2]))
    )
    if max(later_top.mean(), later_bottom.mean()) < LEAST_COMBING * max(1, own.mean() / 3):
        return None
    # Where another weave fits better than the frame's own one.
    tff = float(np.maximum(-later_top, 0)[later_top < later_bottom].sum())
    bff = float(np.maximum(-later_bottom, 0)[later_top >= later_bottom].sum())
    moved = float(np.maximum(later_top, later_bottom).clip(0).sum())
    if moved > own.sum() / 4 and tff + bff > moved / 16:
        return "tff" if tff > bff else "bff"
    by_all = _by_all(float(later_top.mean()), float(later_bottom.mean()))
    return by_all or ("progressive" if tff + bff < moved / 32 else None)


def _by_all(later_top: float, later_bottom: float) -> Verdict | None:
    """What follows from how much more combing the two other weaves have, all in all."""
    nearer, farther = sorted((later_top, later_bottom))
    if nearer > farther / 2:
        return "progressive"
    if nearer < farther / 4:
        return "tff" if later_top < later_bottom else "bff"
    return None


def _combing(top: Luma, bottom: Luma) -> Luma:
    """How much lines stand out from those above and below them, in gray levels: of each block."""
    rows = min(len(top), len(bottom)) - 1
    above, below, between = top[:rows], top[1 : rows + 1], bottom[:rows]
    low, high = np.minimum(above, below), np.maximum(above, below)
    outstanding = np.maximum(between - high, 0) + np.maximum(low - between, 0)
    tall, wide = (min(side, block) for side, block in zip(outstanding.shape, BLOCK, strict=True))
    down, across = outstanding.shape[0] // tall, outstanding.shape[1] // wide
    blocks = outstanding[: down * tall, : across * wide].reshape(down, tall, across, wide)
    return cast(Luma, blocks.mean(axis=(1, 3)))
