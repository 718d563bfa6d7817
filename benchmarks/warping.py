"""Optical flow between frames, and how much styled frames differ from what it predicts.

The warping error is that of Lai et al. 2018, "Learning Blind Video Temporal Consistency": the
styled frame V_{t+1} is warped back to V_t by the optical flow of the source, and the squared
difference is averaged over the pixels that both frames show. Occlusion is told by the forward and
backward flow disagreeing, and pixels at motion boundaries are left out, both as in Ruder et al.
2016, "Artistic Style Transfer for Videos". Lai et al. take their flow from FlowNet2; here it is
OpenCV's dense inverse search (Kroeger et al. 2016) at its medium preset and full resolution, so
only figures made with it compare with one another.
"""

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.float32]
Flow = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


def optical_flow(first: Image, second: Image) -> Flow:
    """Flow (H, W, 2), in pixels, from ``first`` to ``second``, RGB (H, W, 3) in [0, 1]."""
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    search.setFinestScale(0)
    grays = [
        cv2.cvtColor((image * 255).astype(np.uint8), cv2.COLOR_RGB2GRAY)
        for image in (first, second)
    ]
    return np.asarray(search.calc(grays[0], grays[1], np.empty(0)), np.float32)


def warp(image: npt.NDArray[np.float32], flow: Flow) -> npt.NDArray[np.float32]:
    """``image`` (H, W) or (H, W, C) looked up, bilinearly, where ``flow`` (H, W, 2) points."""
    height, width = flow.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    warped = cv2.remap(
        image,
        x + flow[..., 0],
        y + flow[..., 1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(warped, np.float32)


def occlusion_mask(forward: Flow, backward: Flow) -> Mask:
    """(H, W), true where the second frame does not show what the first does, or may not.

    That is: where the flows there and back disagree, at motion boundaries (both with the
    thresholds of Ruder et al. 2016, equations 5 and 7), and where the flow leaves the picture.

    Args:
        forward: from the first frame to the second, (H, W, 2), x before y, in pixels.
        backward: from the second frame to the first.
    """
    height, width = forward.shape[:2]
    x, y = forward[..., 0] + np.arange(width), forward[..., 1] + np.arange(height)[:, None]
    outside = (x < 0) | (x > width - 1) | (y < 0) | (y > height - 1)
    back = warp(backward, forward)
    there, here = np.square(forward).sum(-1), np.square(back).sum(-1)
    disagree = np.square(forward + back).sum(-1) > 0.01 * (there + here) + 0.5
    slopes = np.square(np.gradient(forward, axis=(0, 1))).sum((0, -1))
    boundary = slopes > 0.01 * there + 0.002
    mask: Mask = outside | disagree | boundary
    return mask


def warping_error(first: Image, second: Image, flow: Flow, occluded: Mask) -> float:
    """Mean squared difference of ``first`` and the warped ``second``, both (H, W, C), over the
    channels of the pixels that are not ``occluded``; nan where all are."""
    if occluded.all():
        return float("nan")
    return float(np.square(first - warp(second, flow))[~occluded].mean())
