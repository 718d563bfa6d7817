"""Which videos are to be stylized with the fine body, and which of them wait until it is fitted."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from pipeline_kit.storage.objects import StoredObject
from pipeline_kit.storage.store import Store
from style_pipeline.intake.names import is_settings, may_be_video, video_key
from style_pipeline.intake.paintings import fine_paintings, style_key
from style_pipeline.intake.settings_files import fine_in
from style_pipeline.look.mixtures import styles_of
from style_pipeline.look.style_toml import Settings, nearest
from style_pipeline.object_names import Video


def missing(styles: Iterable[str], fitted: Collection[str]) -> str | None:
    """Why these styles cannot have quality `fine`, or None where they can."""
    without = sorted(set(styles) - set(fitted))
    if not without:
        return None
    return (
        f'quality = "fine" is not there for style {without[0]!r}: it is for {", ".join(fitted)}, '
        "and for a painting in styles/ once it is fitted, as it is where a style.toml asks for it"
    )


@dataclass(frozen=True, kw_only=True)
class Fine:
    """What there is of quality `fine`, and what asks for it."""

    settings: Mapping[str, Settings] = field(default_factory=dict)
    """Each `style.toml` that does, by its name."""
    fitted: Mapping[str, str] = field(default_factory=dict)
    """The hash of each style's network."""
    paintings: Collection[str] = ()
    """Styles that a painting is there of."""

    def lacking(self, key: str, settings: str) -> list[str]:
        """Styles that the video of that key, below these settings, waits for. What has no painting
        is not among them: its `look` says so."""
        if settings not in self.settings:
            return []
        taking_part = styles_of(self.settings[settings].keyframes(Video(key).style))
        return [s for s in taking_part if s in self.paintings and s not in self.fitted]

    def below(self, settings: str) -> Mapping[str, str]:
        """What of ``fitted`` counts for videos below these settings."""
        return self.fitted if settings in self.settings else {}


def waited_for(listing: Collection[StoredObject], fine: Fine) -> frozenset[str]:
    """Styles that videos of the listing want in quality `fine`, and that it is not fitted to."""
    names = {found.name for found in listing}
    return frozenset(
        style
        for key in (video_key(found.name) for found in listing if may_be_video(found))
        for style in fine.lacking(key, nearest(key, names))
    )


def fine_among(
    media: Store,
    listing: Iterable[StoredObject],
    pictures: Iterable[StoredObject],
    *,
    fitted: Callable[[], Mapping[str, str]],
) -> Fine:
    """What the `style.toml` of a listing of `videos/`, and paintings, make of it; what is `fitted`
    is found out where one asks for it."""
    settings = [file for file in listing if is_settings(file.name)]
    asking = {file.name: said for file in settings if (said := fine_in(media, file))}
    if not asking:
        return Fine()
    painted = {style_key(file.name) for file in fine_paintings(pictures)}
    return Fine(settings=asking, fitted=fitted(), paintings=painted)
