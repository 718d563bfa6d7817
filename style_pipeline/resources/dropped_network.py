"""A network that somebody dropped in place of a painting."""

import hashlib
from pathlib import Path

from style_pipeline.media.sandbox import sandboxed
from style_pipeline.media.source import UnreadableVideo
from style_pipeline.resources.material import UnusablePainting
from style_pipeline.stylization.fast_neural_style import NotSuchANetwork, read_network
from style_pipeline.stylization.model_file import save_model


def convert_network(dropped: Path, out: Path, *, style: str) -> str:
    """Write a network of fast_neural_style as a style's model file, and return its hash.

    It is read in a process of its own, with the limits of one that reads a video. Raises
    `UnusablePainting`.
    """
    try:
        network = sandboxed(read_network, dropped)
    except (NotSuchANetwork, UnreadableVideo) as error:
        raise UnusablePainting(f"{error}: export the network again, and drop it again") from error
    return save_model(
        out,
        network,
        style=style,
        recipe={},
        data={"network": dropped.name},
        artwork_sha256=hashlib.sha256(dropped.read_bytes()).hexdigest(),
    )
