"""Pictures in the styles that there are now: those that ship, and those that were trained."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from PIL import Image

from pipeline_kit.errors import PermanentError
from pipeline_kit.machine.scratch import scratch
from pipeline_kit.models.registry import Registry
from pipeline_kit.storage.objects import StoreError
from pipeline_kit.storage.store import Store
from scoring_service.batching import Batcher
from scoring_service.errors import Refused
from scoring_service.pictures import read_picture
from style_pipeline.look.mixtures import BadMixture, Mixture, parse_blend
from style_pipeline.preview import Preview
from style_pipeline.styles import shipped_styles
from style_pipeline.stylization.architecture import mixed
from style_pipeline.stylization.model_file import StyleModel, StyleModelError, load_model

WAITING: Final = 8
"""Pictures that wait: each takes a second, so that more would only time out."""


def parse_style(text: str) -> Mixture:
    """`starry-night`, or a mixture: `starry-night:0.6,great-wave:0.4`. Raises `Refused`: 422."""
    parts = [part.strip().rpartition(":") for part in text.split(",")]
    try:
        return parse_blend(
            {name or share: float(share) if name else 1.0 for name, _, share in parts}
        )
    except (BadMixture, ValueError) as error:
        raise Refused(422, f"style: {error}") from None


@dataclass(frozen=True, eq=False)
class Wanted:
    picture: bytes
    kind: str
    """Its media type."""
    mixture: Mixture
    """Shares by style."""
    strength: float
    preserve_colors: bool


class Styles:
    """Stylizes one picture at a time, in a thread of its own: it cannot starve questions. Pictures
    that wait are not decoded yet, as a small file can be a large picture."""

    def __init__(self, ops: Store, *, device: str, megapixels: float) -> None:
        # A network is named for its tensors, whose hash is compared below.
        self.registry = Registry(store=ops, suffix=".safetensors", digest=None)
        self.trained: dict[str, str] = {}
        self.megapixels, self._preview = megapixels, Preview(device=device)
        self._models: dict[tuple[str, str], StyleModel] = {}
        self.batcher: Batcher[Wanted, Image.Image] = Batcher(
            "stylize", self._stylize, most=1, waiting=WAITING
        )

    @property
    def names(self) -> list[str]:
        return sorted({*shipped_styles(), *self.trained})

    def mixable(self, style: str) -> list[str]:
        """Names of those whose networks share its body, itself among them.

        Raises `Refused`: 422 for a style that there is not, 503 for one that cannot be loaded.
        """
        self._check_known(style)
        body = self._model(style).body
        return [name for name in self.names if self._has_body(name, body)]

    def poll(self) -> None:
        """See which styles there are; those that were known stay where storage is away."""
        try:
            self.trained = self.registry.current()
        except StoreError:
            return

    async def stylize(self, wanted: Wanted) -> Image.Image:
        """Raises `Refused`: 422 for a style that there is not and a picture that is none, 413 for
        one that is too large, 429 where too many wait."""
        for style in wanted.mixture:
            self._check_known(style)
        return await self.batcher.ask(wanted)

    def check(self, mixture: Mixture) -> None:
        """Raises `Refused` with 422 where its styles cannot be mixed."""
        self._mixed(mixture)

    def _check_known(self, style: str) -> None:
        if style not in self.names:
            raise Refused(422, f"style: there is no {style!r}: take one of {', '.join(self.names)}")

    def _has_body(self, style: str, body: str) -> bool:
        try:
            return self._model(style).body == body
        except Refused:
            return False

    def _stylize(self, batch: Sequence[Wanted]) -> list[Image.Image | Exception]:
        return [
            self._preview.stylize(
                read_picture(wanted.picture, wanted.kind, megapixels=self.megapixels),
                self._mixed(wanted.mixture),
                strength=wanted.strength,
                preserve_colors=wanted.preserve_colors,
            )
            for wanted in batch
        ]

    def _mixed(self, mixture: Mixture) -> StyleModel:
        models = {style: self._model(style) for style in mixture}
        first = next(iter(models.values()))
        if any(model.body != first.body for model in models.values()):
            raise Refused(422, f"style: {', '.join(mixture)} have networks of their own: take one")
        vector = mixed({style: model.network.style for style, model in models.items()}, mixture)
        return replace(first, network=replace(first.network, style=vector))

    def _model(self, style: str) -> StyleModel:
        """Loaded once for each version; what cannot be loaded is refused with 503."""
        digest = self.trained.get(style, "")
        model = self._models.get((style, digest))
        if model is None:
            try:
                model = self._load(style, digest)
            except (StoreError, PermanentError) as error:
                raise Refused(503, f"style {style!r} cannot be loaded: try again later") from error
            # Put in place whole: other threads read it meanwhile.
            others = {key: kept for key, kept in self._models.items() if key[0] != style}
            self._models = {**others, (style, digest): model}
        return model

    def _load(self, style: str, digest: str) -> StyleModel:
        if not digest:
            return load_model(shipped_styles()[style])
        with scratch() as folder:
            model = load_model(self.registry.fetch(style, digest, folder))
        if model.sha256 != digest:
            raise StyleModelError(f"{style} holds {model.sha256[:12]}, not {digest[:12]}")
        return model
