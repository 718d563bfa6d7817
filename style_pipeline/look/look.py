"""How a film is stylized, decided once for all its chunks."""

import json
from dataclasses import asdict, dataclass, field
from hashlib import blake2b

from style_pipeline.look.keyframes import Ramp, number_at
from style_pipeline.look.mixtures import Keyframe, Mixture, mixture_at
from style_pipeline.media.resizing import Size
from style_pipeline.styles import STANDARD


@dataclass(frozen=True, kw_only=True)
class Look:
    """How one film is stylized, decided once so that all its chunks agree."""

    style: str
    """The folder's."""
    model_hash: str
    """The folder's style's."""
    strength: float | Ramp
    """0 leaves the source as it is, 1 is the style in full; a number, or one over time."""
    preserve_colours: bool
    """Only light and dark are stylized."""
    current_style: str
    """What the video's folder stood for when this was decided; see `version_of`."""
    keyframes: tuple[Keyframe, ...] = ()
    """What the film looks like over time; with none, as ``style`` all the time."""
    models: dict[str, str] = field(default_factory=dict)
    """The hashes of the styles of all keyframes."""
    reduction: float = 1.0
    """How much smaller frames are stylized, so that strokes are larger."""
    quality: str = STANDARD
    """Of which body the styles are; their hashes say as much."""
    codec: str = "h264"
    bits: int = 8
    """Of the film's samples."""
    keeps_hdr: bool = False
    size: Size | None = None
    """Of the film, where it is not the video's."""

    @property
    def content_hash(self) -> str:
        """Names what is seen: chunks that differ in it do not belong in one film."""
        further: tuple[object, ...] = ()
        if self.keyframes:
            further += ([asdict(keyframe) for keyframe in self.keyframes], self.models)
        if self.reduction != 1:
            further += (self.reduction,)
        if encoded := self.encoded_as:
            further += (encoded,)
        if self.size:
            further += (self.size,)
        return _digest(self.style, self.model_hash, self.strength, self.preserve_colours, *further)

    @property
    def encoded_as(self) -> str:
        """What of the film's encoding is not as usual."""
        usual = (self.codec, self.bits, self.keeps_hdr) == ("h264", 8, False)
        kept = ", HDR kept" if self.keeps_hdr else ""
        return "" if usual else f"{self.codec}, {self.bits} bits{kept}"

    @property
    def hashes(self) -> dict[str, str]:
        """Of the models of all styles that take part, by style."""
        return self.models or {self.style: self.model_hash}

    def mixture_at(self, seconds: float) -> Mixture:
        """What the film looks like at a time."""
        return mixture_at(self.keyframes, seconds) if self.keyframes else {self.style: 1.0}

    def strength_at(self, seconds: float) -> float:
        """How strong the style is at a time."""
        return number_at(self.strength, seconds)

    @property
    def metadata(self) -> dict[str, str | float | bool]:
        """What the UI shows of it beside a chunk or a film."""
        strength: str | float
        if isinstance(self.strength, tuple):
            strength = ", ".join(f"{value:g} at {seconds:g} s" for seconds, value in self.strength)
        else:
            strength = self.strength
        return {
            "style": self.style,
            "model_hash": self.model_hash,
            "strength": strength,
            "preserve_colours": self.preserve_colours,
            **({"quality": self.quality} if self.quality != STANDARD else {}),
            **({"size": "{}x{}".format(*self.size)} if self.size else {}),
        }

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), indent=2).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "Look":
        """Raises `ValueError` or `TypeError` for what `to_json` did not write, in this version or
        one before it."""
        written = json.loads(data)
        keyframes = tuple(Keyframe(**each) for each in written.pop("keyframes", ()))
        if isinstance(written.get("strength"), list):
            written["strength"] = tuple(map(tuple, written["strength"]))
        if size := written.pop("size", None):
            written["size"] = tuple(size)
        return cls(**written, keyframes=keyframes)


def version_of(model_hash: str, settings_etag: str | None) -> str:
    """What a folder stands for: changes with the style's network and the nearest settings."""
    return _digest(model_hash, settings_etag)


def _digest(*content: object) -> str:
    return blake2b(json.dumps(content).encode(), digest_size=16).hexdigest()
