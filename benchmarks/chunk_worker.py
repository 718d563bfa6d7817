"""``python -m benchmarks.chunk_worker SIZE``: how long the process of a chunk takes to begin, and
how much memory it takes, at chunks of several lengths."""

import argparse
import json
import resource
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import imageio_ffmpeg


def work(clip: Path, frames: int) -> dict[str, float]:
    """Seconds of a processor for each step to the first picture, and the peak of memory in MiB."""
    start = time.process_time()
    from style_pipeline.media.encoding import Encoder
    from style_pipeline.media.indexing import index_frames
    from style_pipeline.media.range_reader import read_range
    from style_pipeline.media.segment import Origin, write_segment
    from style_pipeline.styles import shipped_styles
    from style_pipeline.stylization.engine import Engine
    from style_pipeline.stylization.model_file import load_model

    imported = time.process_time()
    network = load_model(shipped_styles()["brushwork"]).network
    engine = Engine.load(network)
    loaded = time.process_time()
    index = index_frames(clip)
    chunk = range(frames)
    indexed = time.process_time()
    video = index.video
    styled = engine.style(
        read_range(clip, index, chunk),
        network.style,
        size=video.upright_size,
        matrix=video.matrix,
        full_range=video.full_range,
    )
    with closing(styled):
        first = next(styled)
        painted = time.process_time()
        write_segment(
            clip.with_suffix(".segment.mp4"),
            (picture for pictures in ([first], styled) for picture in pictures),
            index,
            chunk,
            encoder=Encoder(),
            origin=Origin("0", "0"),
        )
    return {
        "import the project": imported - start,
        "load the network": loaded - imported,
        "import OpenVINO, compile, first pictures": painted - indexed,
        "peak MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("size", help="such as 1920x1080")
    arguments.add_argument("--frames", type=int, nargs="+", default=[60, 120], help="of the chunks")
    arguments.add_argument("--work", nargs=2, help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.work:
        print(json.dumps(work(Path(options.work[0]), int(options.work[1]))))
        return
    with TemporaryDirectory() as folder:
        clip = Path(folder, "clip.mp4")
        source = f"testsrc2=size={options.size}:rate=25,trim=end_frame={max(options.frames)}"
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-f", "lavfi"]
        encoded = ["-i", source, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
        subprocess.run([*command, *encoded, str(clip)], check=True)
        for frames in options.frames:
            again = [sys.executable, "-m", "benchmarks.chunk_worker", options.size, "--work"]
            done = subprocess.run([*again, str(clip), str(frames)], check=True, capture_output=True)
            steps = json.loads(done.stdout)
            print(f"{options.size}, {frames} frames:")
            for name, value in steps.items():
                print(f"  {name:<40}{value:>9.2f}")


if __name__ == "__main__":
    main()
