"""How frames are usually styled: one JPEG file after the other.

The method of the well-known fast_neural_style example: ffmpeg writes the frames as JPEG files, each
is read, taken through the network in float32 and written again, and ffmpeg makes a film of them.
"""

from pathlib import Path

import ffmpeg
import imageio_ffmpeg
import numpy as np
import torch
from PIL import Image
from torch import nn


@torch.inference_mode()
def style_files(clip: Path, network: nn.Module, *, frames: int, folder: Path) -> Path:
    """Style the first frames of a clip; the film."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = network.to(device).eval()
    names = str(folder / "%06d.jpg")
    _run(ffmpeg.input(str(clip)).output(names, vframes=frames, **{"q:v": 2}))
    for path in sorted(folder.glob("*.jpg")):
        pixels = np.array(Image.open(path).convert("RGB"))
        image = torch.from_numpy(pixels).permute(2, 0, 1).float().div(255)[None].to(device)
        painted = network(image)[0].mul(255).clamp(0, 255).cpu()
        result = painted.permute(1, 2, 0).numpy().astype(np.uint8)
        Image.fromarray(result).save(path, quality=95)
    film = folder / "film.mp4"
    _run(ffmpeg.input(names).output(str(film), vcodec="libx264", pix_fmt="yuv420p", crf=18))
    return film


def _run(stream: ffmpeg.nodes.OutputStream) -> None:
    stream.run(cmd=imageio_ffmpeg.get_ffmpeg_exe(), quiet=True, overwrite_output=True)
