"""A larger body that begins with all that a smaller one has learned (Chen et al. 2016, "Net2Net:
Accelerating Learning via Knowledge Transfer")."""

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from style_pipeline.stylization.architecture import Architecture
from style_pipeline.stylization.model_file import Body

UNEVEN: Final = 0.4
"""By how much of an even share copies of a channel are used more or less than each other, at most:
equal ones would learn the same."""
SEED: Final = 1
"""Of those shares, and of layers that are new."""

Copied = dict[int, npt.NDArray[np.intp]]
"""By a number of channels of the smaller body: for each channel of the larger one, which it is a
copy of."""
SHUFFLED: Final = "up."
"""Layers with four outputs a channel, which a pixel shuffle brings together."""


def widened(body: Body, architecture: Architecture) -> Body:
    """The body with more channels, and perhaps more residual blocks, that stylizes as it did.

    Channels that are new are copies, and what reads a channel reads each of its copies by a share.
    Blocks that are new add nothing until they have learned.

    Raises:
        ValueError: the architecture is of another kind or smaller, or the body's layers are of
            equal width.
    """
    old = body.architecture
    if old == architecture:
        return body
    if old.name != "body" or architecture.name != "body":
        raise ValueError("only a body can be made a larger one")
    sizes = zip(
        (*old.channels, old.residual_blocks),
        (*architecture.channels, architecture.residual_blocks),
        strict=True,
    )
    if any(here > there for here, there in sizes):
        raise ValueError(f"{architecture} is smaller than {old}")
    copied = {3: np.arange(3)} | {
        few: np.arange(many) % few
        for few, many in zip(old.channels, architecture.channels, strict=True)
    }
    if len(copied) < 4:
        raise ValueError(f"{old}: layers of equal width cannot be told apart")
    random = np.random.default_rng(SEED)
    weights = {
        name: _copied(body.weights[name], copied, random, shuffled=name.startswith(SHUFFLED))
        if name in body.weights
        else random.normal(0, np.prod(shape[1:]) ** -0.5, shape)
        for name, shape in architecture.layers.shapes.items()
    }
    return replace(
        body,
        architecture=architecture,
        weights={name: weight.astype(np.float32) for name, weight in weights.items()},
        styles=_styles(body, architecture, copied),
    )


def _copied(
    kernel: npt.NDArray[np.float32], copied: Copied, random: np.random.Generator, *, shuffled: bool
) -> npt.NDArray[np.float64]:
    """A kernel (outputs, inputs, height, width) for the larger body."""
    outputs, inputs = kernel.shape[:2]
    reads = copied[inputs]
    # The outputs that a pixel shuffle brings together have one share: others would draw a lattice.
    together = 4 if shuffled else 1
    channels = copied[outputs // together]
    shares = random.uniform(1 - UNEVEN, 1 + UNEVEN, (len(channels), len(reads)))
    whole = np.stack([np.bincount(reads, row, inputs) for row in shares])
    shares = (shares / whole[:, reads]).repeat(together, axis=0)
    writes = (together * channels[:, None] + np.arange(together)).ravel()
    larger: npt.NDArray[np.float64] = kernel[writes][:, reads] * shares[..., None, None]
    return larger


def _styles(body: Body, architecture: Architecture, copied: Copied) -> npt.NDArray[np.float32]:
    """Those of the body, (K, numbers), for the larger one."""
    styles = np.zeros((len(body.styles), architecture.style_size), np.float32)
    known = body.architecture.layers.normalizations
    for name, norm in architecture.layers.normalizations.items():
        if name in known:
            of = copied[known[name].channels]
            styles[:, norm.scales] = body.styles[:, known[name].scales][:, of]
            styles[:, norm.shifts] = body.styles[:, known[name].shifts][:, of]
        else:
            styles[:, norm.scales] = norm.relu  # the last of a block, which has no ReLU, is 0
    if architecture.details and body.architecture.details:
        styles[:, architecture.details] = body.styles[:, body.architecture.details]
    styles[:, architecture.brushing] = body.styles[:, body.architecture.brushing]
    return styles
