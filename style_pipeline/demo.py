"""`make demo`: one video through the real assets, without a daemon, in a folder of its own."""

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from style_pipeline.assets.audio import audio
from style_pipeline.assets.frames import frames
from style_pipeline.assets.look import look
from style_pipeline.assets.styled_frames import styled_frames
from style_pipeline.assets.styled_video import styled_video
from style_pipeline.demo_clip import write_clip
from style_pipeline.environment import BadSetting
from style_pipeline.intake.videos import rejection
from style_pipeline.partitions import Video
from style_pipeline.resources.settings import resources
from style_pipeline.resources.stores import Store
from style_pipeline.styles import shipped_styles

FOLDER = Path("demo").resolve()
ASSETS = [audio, frames, look, styled_frames, styled_video]
LOG_LEVEL = {"loggers": {"console": {"config": {"log_level": "INFO"}}}}


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--video", type=Path, help="a video file (default: a generated clip)")
    parser.add_argument("--style", default="brushwork", help="the style to paint it in")
    arguments = parser.parse_args(words)
    started = time.monotonic()
    video = drop(arguments.video, arguments.style)
    try:
        figures = materialize_film(video)
    except (dg.Failure, BadSetting) as error:
        sys.exit(f"\n{error}")
    figures["seconds, start to end"] = f"{time.monotonic() - started:.0f}"
    print(f"\n{video.key} is a painting now.\n")
    for name, value in figures.items():
        print(f"  {name:22} {value}")


def drop(path: Path | None, style: str) -> Video:
    """Put a video, or the generated clip, where a person would drop it."""
    video = Video(f"{style}/{path.name if path else 'lake.mp4'}")
    if reason := rejection(video.source, trained=shipped_styles()):
        sys.exit(f"{video.source}: {reason}")
    place = FOLDER / "media" / video.source
    if path and not path.is_file():
        sys.exit(f"there is no file {path}: give an existing one, VIDEO=path/to/clip.mp4")
    place.parent.mkdir(parents=True, exist_ok=True)
    if path is None:
        write_clip(place)
    elif path.resolve() != place:
        shutil.copyfile(path, place)
    return video


def materialize_film(video: Video) -> dict[str, object]:
    """Materialize every asset of a video in this process, and tell what came of it."""
    stores = {name: Store(url=(FOLDER / name).as_uri()) for name in ("media", "ops")}
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("videos", [video.key])

        def run(key: str, *assets: str) -> dict[str, Any]:
            """Metadata of the last of `assets`."""
            result = dg.materialize(
                ASSETS,
                selection=assets,
                partition_key=key,
                instance=instance,
                resources={**resources(), **stores},
                run_config=LOG_LEVEL,
            )
            made = result.asset_materializations_for_node(assets[-1])[-1]
            return {name: value.value for name, value in made.metadata.items()}

        needed = run(video.key, "audio", "frames")["chunks"]
        run(video.key, "look")
        painted = [run(video.chunk(slot), "styled_frames") for slot in range(needed)]
        film = run(video.key, "styled_video")
    return {
        "film": film["film"],
        "contact sheet": stores["media"].location(video.contact_sheet),
        "style": f"{film['style']} (model {str(film['model_hash'])[:12]})",
        "frames": f"{film['frames']}, {film['fps']} fps",
        "seconds": film["seconds"],
        "audio tracks": film["audio_tracks"],
        "chunks": f"{len(painted)}, at {', '.join(str(chunk['fps']) for chunk in painted)} fps",
        "painted on": painted[0]["device"],
        "bytes": film["bytes"],
    }


if __name__ == "__main__":
    main()
