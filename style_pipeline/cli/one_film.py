"""One film through the same assets as all others, in this process and without a daemon."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile, move
from typing import Any

import click
import dagster as dg

from pipeline_kit.storage.store import Store
from style_pipeline.assets.audio import audio
from style_pipeline.assets.frames import frames
from style_pipeline.assets.look import look
from style_pipeline.assets.styled_frames import styled_frames
from style_pipeline.assets.styled_video import styled_video
from style_pipeline.cli.bars import bar
from style_pipeline.cli.film_options import as_toml
from style_pipeline.cli.places import destination, writing
from style_pipeline.cli.setup import open_store_if_there
from style_pipeline.look.style_toml import SETTINGS_FILE
from style_pipeline.media.containers import EXTENSIONS
from style_pipeline.object_names import Video
from style_pipeline.partitions import chunk_key
from style_pipeline.resources.models import fetch_model, publish_model, trained_styles
from style_pipeline.resources.settings import resources
from style_pipeline.styles import BODY_OF

ASSETS = [audio, frames, look, styled_frames, styled_video]

Metadata = Mapping[str, Any]


@dataclass(frozen=True)
class Workplace:
    """A folder with stores and a Dagster instance of its own, for one film."""

    folder: Path
    video: Video
    instance: dg.DagsterInstance
    log_level: str = "CRITICAL"

    def bring(self, clip: Path, *, library: Store | None, settings: str = "") -> None:
        """Put the clip where a person would drop it, with `settings` as its `style.toml`, and
        networks of `library` beside it."""
        place = self.folder / "media" / self.video.source
        place.parent.mkdir(parents=True)
        copyfile(clip, place)
        (place.parent / SETTINGS_FILE).write_text(settings)
        style = self.video.style
        if library:
            for quality in BODY_OF:
                if sha256 := trained_styles(library, quality).get(style):
                    path = fetch_model(library, style=style, sha256=sha256, folder=self.folder)
                    ops = self.stores()["ops"]
                    publish_model(ops, style=style, path=path, sha256=sha256, quality=quality)
        self.instance.add_dynamic_partitions("videos", [self.video.key])

    def read(self) -> tuple[Metadata, Metadata]:
        """Materialize what is known before anything is stylized: `audio` and `frames`."""
        made = self._run(self.video.key, "audio", "frames")
        return made["audio"], made["frames"]

    def stylize(self, chunk_count: int) -> list[Metadata]:
        """Materialize `look` and the chunks."""
        self._run(self.video.key, "look")
        return [
            self._run(chunk_key(self.video.key, slot), "styled_frames")["styled_frames"]
            for slot in range(chunk_count)
        ]

    def finish(self) -> Metadata:
        """Materialize `styled_video`."""
        return self._run(self.video.key, "styled_video")["styled_video"]

    def stores(self) -> dict[str, Store]:
        return {name: Store(url=(self.folder / name).as_uri()) for name in ("media", "ops")}

    def _run(self, partition: str, *assets: str) -> dict[str, Metadata]:
        """The metadata of each. Raises `dagster.Failure` with the line that says what to do."""
        result = dg.materialize(
            ASSETS,
            selection=assets,
            partition_key=partition,
            instance=self.instance,
            resources={**resources(), **self.stores()},
            run_config={"loggers": {"console": {"config": {"log_level": self.log_level}}}},
        )
        made = {asset: result.asset_materializations_for_node(asset)[-1] for asset in assets}
        return {
            asset: {name: value.value for name, value in event.metadata.items()}
            for asset, event in made.items()
        }


def make_film(
    file: Path,
    style: str,
    output: Path | None,
    settings: Mapping[str, Any],
    *,
    folder: Path,
    verbose: bool,
) -> dict[str, Any]:
    """Make the film, put it and its contact sheet into place, and return its figures."""
    video = Video(f"{style}/{file.name}")
    with dg.DagsterInstance.ephemeral() as instance:
        work = Workplace(folder, video, instance, "INFO" if verbose else "CRITICAL")
        work.bring(file, library=open_store_if_there("ops"), settings=as_toml(settings))
        try:
            with bar("reading", hidden=verbose):
                sound, pictures = work.read()
            place = destination(
                output,
                file=file,
                style=style,
                extension=EXTENSIONS[sound["film_container"]][0],
                kind="film, with its sound,",
            )
            with bar("stylizing", hidden=verbose, length=pictures["frames"]):
                chunks = work.stylize(pictures["chunks"])
            with bar("checking", hidden=verbose):
                film = work.finish()
        except dg.Failure as error:
            raise click.ClickException(str(error.description)) from None
    sheet = place.with_name(f"{place.name}.jpg")
    with writing(place):
        move(film["film"], place)
        move(folder / "media" / video.contact_sheet, sheet)
        beside = move_beside(film, place)
    return {
        "film": str(place),
        "contact_sheet": str(sheet),
        "style": style,
        "network": str(film["model_hash"])[:12],
        **{name: film[name] for name in ("frames", "fps", "seconds", "audio_tracks")},
        **({"pictures": film["pictures"]} if "pictures" in film else {}),
        **{name: film[name] for name in ("left_out", "converted") if film[name] != "nothing"},
        **({"beside": beside} if beside else {}),
        "bytes": film["bytes"],
        "stylized_on": chunks[0]["device"],
        "stylized_at_fps": [chunk["fps"] for chunk in chunks],
    }


def move_beside(film: Mapping[str, Any], place: Path) -> str:
    """Put subtitles that the film cannot hold beside it, and name them."""
    if film["beside"] == "nothing":
        return ""
    moved = []
    for ending in film["beside"].splitlines():
        moved.append(str(place.with_suffix(f".{ending}")))
        move(Path(film["film"]).with_suffix(f".{ending}"), moved[-1])
    return "\n".join(moved)
