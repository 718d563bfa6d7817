"""``python -m benchmarks.presets CLIP``: what codecs and presets cost and keep of a painted clip.

Seconds of a processor and bytes are those of a frame. PSNR and SSIM are those of ffmpeg's filters,
over all planes, of the segment against the frames that were encoded.
"""

import argparse
import re
import subprocess
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import imageio_ffmpeg

from benchmarks.engine import Bench, Stylizer
from style_pipeline.media.encoding import Encoder
from style_pipeline.media.indexing import index_frames
from style_pipeline.media.pictures import Picture
from style_pipeline.styles import shipped_styles
from style_pipeline.stylization.engine import Engine
from style_pipeline.stylization.model_file import load_model

ENCODERS: Final = (
    *("h264:medium:18", "h264:fast:18", "h264:faster:18", "h264:veryfast:17", "h264:veryfast:16"),
    *("h264:superfast:16", "h264:superfast:15", "h264:ultrafast:14"),
    *("hevc:superfast:16", "hevc:superfast:20", "hevc:medium:20"),
    *("av1:superfast:16", "av1:superfast:24", "av1:medium:24"),
)
ALIGNED: Final = "settb=1/1000,setpts=N,split"


def quality(bench: Bench, painted: Sequence[Picture]) -> tuple[float, float]:
    """PSNR in dB, and SSIM, of the segment that was written last."""
    width, height = bench.index.video.upright_size
    raw = ["-f", "rawvideo", "-pix_fmt", bench.index.video.layout, "-s", f"{width}x{height}"]
    filters = f"[0:v]{ALIGNED}[a][c];[1:v]{ALIGNED}[b][d];[a][b]psnr;[c][d]ssim"
    done = subprocess.run(
        [
            *(imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner"),
            *("-i", str(bench.folder / "segment.mp4"), *raw, "-i", "-"),
            *("-lavfi", filters, "-f", "null", "-"),
        ],
        input=b"".join(picture.tobytes() for picture in painted),
        capture_output=True,
        check=True,
    )
    said = done.stderr.decode()
    psnr, ssim = re.search(r"PSNR .*average:(\S+)", said), re.search(r"SSIM .*All:(\S+)", said)
    if not (psnr and ssim):
        raise RuntimeError(said)
    return float(psnr[1]), float(ssim[1])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("clips", type=Path, nargs="+", metavar="CLIP")
    arguments.add_argument("--styles", nargs="+", default=["brushwork"], choices=shipped_styles())
    arguments.add_argument("--frames", type=int, default=48)
    arguments.add_argument("--encoders", nargs="+", default=ENCODERS, metavar="CODEC:PRESET:CRF")
    options = arguments.parse_args()
    encoders = [
        Encoder(codec=codec, preset=preset, crf=int(crf))
        for codec, preset, crf in (encoder.split(":") for encoder in options.encoders)
    ]
    for clip in options.clips:
        index = index_frames(clip)
        frames = range(min(options.frames, len(index)))
        for style in options.styles:
            network = load_model(shipped_styles()[style]).network
            print(f"{clip.name}, {style}")
            print(f"  {'':<20}{'CPU-s':>8}{'bytes':>10}{'PSNR':>8}{'SSIM':>8}")
            with TemporaryDirectory() as folder:
                reader = Bench(clip, index, frames, Path(folder), encoders[0])
                stylizer = Stylizer(Engine.load(network), network.style)
                with closing(reader.style(stylizer, reader.decoded())) as styled:
                    painted = list(styled)
                for encoder in encoders:
                    bench = Bench(clip, index, frames, Path(folder), encoder)
                    start = time.process_time()
                    bench.encode(painted)
                    seconds = (time.process_time() - start) / len(frames)
                    size = Path(folder, "segment.mp4").stat().st_size / len(frames)
                    psnr, ssim = quality(bench, painted)
                    name = f"{encoder.codec} {encoder.preset} {encoder.crf}"
                    print(f"  {name:<20}{seconds:>8.3f}{size:>10,.0f}{psnr:>8.2f}{ssim:>8.4f}")


if __name__ == "__main__":
    main()
