"""Where the objects of a video and of a style are kept."""

from dataclasses import dataclass
from typing import Final

from style_pipeline.styles import FINE, STANDARD

FILM_EXTENSIONS: Final = ("mp4", "mov", "mkv")
"""Of which a film gets one after its video's name, unless that ends so already."""


@dataclass(frozen=True)
class Video:
    """A video's partition: its place under `videos/`, the first folder being the style."""

    key: str

    @property
    def style(self) -> str:
        return self.key.split("/")[0]

    @property
    def filename(self) -> str:
        return self.key.split("/")[-1]

    def in_style(self, style: str) -> "Video":
        """The one of that name in the folder of another style."""
        return Video(f"{style}/{self.key.partition('/')[2]}")

    @property
    def source(self) -> str:
        """The dropped file, in the media store."""
        return f"videos/{self.key}"

    def film(self, extension: str) -> str:
        """The finished film, in the media store: `clip.mp4`, also of `clip.MP4`, or `clip.mov.mp4`
        of a MOV."""
        suffix = f".{extension}"
        stem = self.key[: -len(suffix)] if self.key.lower().endswith(suffix) else self.key
        return f"styled/{stem}{suffix}"

    def former_film(self, extension: str) -> str:
        """Where an earlier version delivered the film: of `clip.MP4` to `clip.MP4.mp4`."""
        suffix = f".{extension}"
        return f"styled/{self.key.removesuffix(suffix)}{suffix}"

    @property
    def films(self) -> frozenset[str]:
        """All names that its film can have, now and in earlier versions."""
        return frozenset(
            name(extension)
            for extension in FILM_EXTENSIONS
            for name in (self.film, self.former_film)
        )

    def images(self, kind: str) -> str:
        """Exported images, in the media store."""
        return f"images/{kind}/{self.key}"

    @property
    def index(self) -> str:
        """The frame index, in the ops store."""
        return f"work/{self.key}/frames.parquet"

    @property
    def look(self) -> str:
        """How it is stylized, in the ops store."""
        return f"work/{self.key}/look.json"

    def audio(self, extension: str) -> str:
        """The audio tracks, in the ops store."""
        return f"work/{self.key}/audio.{extension}"

    @property
    def segments(self) -> str:
        """The folder of `segment`."""
        return f"work/{self.key}/segments"

    def segment(self, slot: int) -> str:
        """A chunk's styled frames, in the ops store."""
        return f"{self.segments}/{slot:03}.mp4"

    @property
    def film_record(self) -> str:
        """Which film was delivered, and of which inputs, in the ops store."""
        return f"work/{self.key}/film.json"

    @property
    def preview(self) -> str:
        """One of its frames in every style, in the media store."""
        return f"previews/{self.key}.jpg"

    @property
    def contact_sheet(self) -> str:
        """Source beside styled frames, in the media store next to the film."""
        return f"styled/{self.key}.jpg"


@dataclass(frozen=True)
class Style:
    """A style's partition: the name of its painting, and of the folder of its videos; fitted to the
    fine body, that and `/fine`, which no file's name can be."""

    key: str

    @classmethod
    def of(cls, name: str, quality: str) -> "Style":
        return cls(name if quality == STANDARD else f"{name}/{quality}")

    @property
    def name(self) -> str:
        return self.key.partition("/")[0]

    @property
    def quality(self) -> str:
        return FINE if self.key.endswith(f"/{FINE}") else STANDARD

    @property
    def checkpoint(self) -> str:
        """Where a killed training goes on, in the ops store."""
        return f"training/{self.key}/checkpoint"

    def model(self, sha256: str) -> str:
        """A trained network, in the ops store."""
        return f"models/{self.name}/{sha256}.safetensors"
