"""``python -m benchmarks.engine CLIP``: each stage of a chunk alone, all of them together, and the
usual way, in one run on one machine."""

import argparse
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor, nn

from benchmarks.baseline import style_files
from pipeline_kit.machine.cgroup import processors
from style_pipeline.media.encoding import Encoder
from style_pipeline.media.frame_index import FrameIndex
from style_pipeline.media.indexing import index_frames
from style_pipeline.media.pictures import Picture, upright
from style_pipeline.media.range_reader import read_range
from style_pipeline.media.segment import Origin, write_segment
from style_pipeline.styles import BODY_OF, STANDARD, shipped_styles
from style_pipeline.stylization.architecture import Architecture, StyleNetwork, Vector
from style_pipeline.stylization.backends.network import Network, as_network
from style_pipeline.stylization.device import chosen_device, device_name
from style_pipeline.stylization.engine import Engine
from style_pipeline.stylization.model_file import load_model
from style_pipeline.stylization.strokes import usual_reduction
from style_pipeline.training.distillation import initial_styles

ORIGIN = Origin("0", "0")
REFERENCE = Architecture("transformer", (32, 64, 128), 5)
"""That of Johnson et al. 2016."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A stage: its wall time, and the time for which all cores together computed."""

    name: str
    frames: int
    seconds: float
    cpu_seconds: float
    gpu_seconds: float | None = None

    @property
    def fps(self) -> float:
        return self.frames / self.seconds

    def __str__(self) -> str:
        line = f"{self.name:<34}{self.fps:>9.2f}{self.cpu_seconds / self.frames:>13.4f}"
        if self.gpu_seconds is None:
            return line
        return f"{line}{self.gpu_seconds / self.seconds:>9.0%} GPU"


@dataclass(frozen=True)
class Stylizer:
    """An engine, and the style that it is to stylize in."""

    engine: Engine
    style: Vector


@dataclass(frozen=True)
class Bench:
    """One clip, and the frames of it that are worked on."""

    clip: Path
    index: FrameIndex
    frames: range
    folder: Path
    encoder: Encoder

    def decoded(self) -> Iterable[Picture]:
        video = self.index.video
        return (upright(planes, video) for planes in read_range(self.clip, self.index, self.frames))

    def encode(self, pictures: Iterable[Picture]) -> None:
        segment = self.folder / "segment.mp4"
        write_segment(
            segment, pictures, self.index, self.frames, encoder=self.encoder, origin=ORIGIN
        )

    def style(
        self, stylizer: Stylizer, pictures: Iterable[Picture]
    ) -> Generator[Picture, None, None]:
        video = self.index.video
        return stylizer.engine.style(
            pictures,
            stylizer.style,
            size=video.upright_size,
            matrix=video.matrix,
            full_range=video.full_range,
            reduction=usual_reduction(video.upright_size),
        )

    def measure(
        self, name: str, work: Callable[[], object], engine: Engine | None = None
    ) -> Measured:
        before = engine.gpu_seconds if engine else None
        start, computed = time.monotonic(), time.process_time()
        work()
        return Measured(
            name=name,
            frames=len(self.frames),
            seconds=time.monotonic() - start,
            cpu_seconds=time.process_time() - computed,
            gpu_seconds=None
            if engine is None or engine.gpu_seconds is None
            else engine.gpu_seconds - (before or 0),
        )

    def stages(self, stylizer: Stylizer, *, rounds: int) -> list[Measured]:
        """Decode, network and encode, each alone, with its pictures in memory; and all of them.

        The quickest round of each counts: whatever else the machine does only makes it longer.
        """
        originals = list(self.decoded())
        engine = stylizer.engine
        painted = list(self.style(stylizer, originals))  # compiled
        work: dict[str, tuple[Callable[[], object], Engine | None]] = {
            "decode alone": (lambda: sum(1 for _ in self.decoded()), None),
            "network alone": (lambda: sum(1 for _ in self.style(stylizer, originals)), engine),
            "encode alone": (lambda: self.encode(painted), None),
            "end to end": (lambda: self.chunk(stylizer), engine),
        }
        measured = [
            [self.measure(name, stage, by) for name, (stage, by) in work.items()]
            for _ in range(rounds)
        ]
        return [min(stage, key=lambda one: one.seconds) for stage in zip(*measured, strict=True)]

    def chunk(self, stylizer: Stylizer) -> None:
        with closing(self.style(stylizer, self.decoded())) as styled:
            self.encode(styled)


class InOneStyle(nn.Module):
    """A network as others have it: without a style to choose."""

    def __init__(self, network: StyleNetwork) -> None:
        super().__init__()
        self.network = as_network(network)
        self.style = nn.Buffer(torch.from_numpy(network.style)[None])

    def forward(self, images: Tensor) -> Tensor:
        made: Tensor = self.network(images, self.style)
        return made


def untrained(architecture: Architecture) -> StyleNetwork:
    torch.manual_seed(0)
    weights = {name: weight.numpy() for name, weight in Network(architecture).weights().items()}
    return StyleNetwork(architecture, weights, initial_styles(architecture, 1)[0].numpy())


def report(stages: list[Measured], *, cores: int) -> None:
    for stage in stages:
        print(stage)
    *alone, whole = stages
    slowest = min(alone, key=lambda stage: stage.fps)
    print(f"  of the slowest stage, {slowest.name}: {whole.fps / slowest.fps:.2f}")
    limit = cores / sum(stage.cpu_seconds / stage.frames for stage in alone)
    print(f"  of {cores} cores that do all three and nothing else, {limit:.2f} fps: ", end="")
    print(f"{whole.fps / limit:.2f}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("clip", type=Path)
    arguments.add_argument("--style", default="brushwork", choices=shipped_styles())
    arguments.add_argument("--quality", default=STANDARD, choices=BODY_OF)
    arguments.add_argument("--frames", type=int, default=100)
    arguments.add_argument("--baseline-frames", type=int, default=5)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--preset", default=Encoder.preset)
    arguments.add_argument("--crf", type=int, default=Encoder.crf)
    options = arguments.parse_args()

    device = chosen_device("auto")
    styles = shipped_styles(options.quality)
    if options.style not in styles:
        arguments.error(f"of quality {options.quality} there are {', '.join(styles)}")
    shipped = load_model(styles[options.style]).network
    reference = untrained(REFERENCE)
    index = index_frames(options.clip)
    width, height = index.video.upright_size
    frames = range(min(options.frames, len(index)))
    cores = processors()
    print(f"{options.clip.name}, {width}x{height}, on {device_name(device)}, {cores} cores")
    print(f"{'':<34}{'fps':>9}{'CPU-s/frame':>13}")
    with TemporaryDirectory() as folder:
        encoder = Encoder(preset=options.preset, crf=options.crf)
        bench = Bench(options.clip, index, frames, Path(folder), encoder)
        few = range(min(options.baseline_frames, len(frames)))
        usual_way = InOneStyle(reference)
        usual = replace(bench, frames=few).measure(
            "JPEG files, float32, reference net",
            lambda: style_files(options.clip, usual_way, frames=len(few), folder=Path(folder)),
        )
        print(usual)
        networks = {f"{options.style}, {options.quality}": shipped, "reference net": reference}
        for name, network in networks.items():
            print(name)
            stylizer = Stylizer(Engine.load(network), network.style)
            stages = bench.stages(stylizer, rounds=options.rounds)
            report(stages, cores=cores)
            whole = stages[-1]
            print(f"  of the usual way: {whole.fps / usual.fps:.1f} times as fast")


if __name__ == "__main__":
    main()
