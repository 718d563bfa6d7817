"""Which of the dropped files become styles: paintings to learn from, and networks of others."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from pipeline_kit.orchestration.ledger import WAITS, Intake, Ledger, fingerprint, sift
from pipeline_kit.orchestration.names import (
    extension,
    is_ignored,
    too_large,
    unfit_for_a_key,
    wrong_kind,
)
from pipeline_kit.storage.objects import StoredObject

FOLDER = "styles"
EXTENSIONS = ("jpg", "jpeg", "png", "webp")
NETWORKS = ("pth", "pt", "safetensors", "onnx")
"""Extensions of networks of pytorch/examples' fast_neural_style."""
MOST_GIBIBYTES = 0.25

NOTHING_TO_LEARN_FROM = (
    f"{WAITS}there are no photographs to train it with: drop a video into videos/, "
    "or set STYLE_PIPELINE_PHOTOGRAPHS to a folder of photographs"
)


@dataclass(frozen=True)
class PaintingIntake(Intake):
    """What one poll of `styles/` leads to."""

    shipped: tuple[str, ...]
    """Shipped styles that are to be recorded as trained."""
    fine: tuple[StoredObject, ...] = ()
    """Paintings to fit the fine body to."""


def new_paintings(
    listing: Iterable[StoredObject],
    ledger: Ledger,
    *,
    trainable: bool,
    shipped: Mapping[str, str],
    body: str = "",
    fine: Collection[str] = (),
    fine_body: str = "",
    limit: int = 100,
    hour: int = 0,
) -> PaintingIntake:
    """What follows from a listing of `styles/`; see `sift`.

    A style keeps its first file until that is gone: a second one is rejected. While nothing is
    there to train on, which is not `trainable`, paintings wait. A painting is taken once for
    each `body` that styles are fitted with, and those of the styles `fine` also for each
    `fine_body`. `shipped` is the hash of each
    shipped style's network; each is returned once.
    """
    paintings = [found for found in listing if not is_ignored(found)]
    holders = _holders(paintings, ledger)

    def refusal(found: StoredObject) -> str | None:
        if unfit := rejection(found.name) or too_large(found, gibibytes=MOST_GIBIBYTES):
            return unfit
        style = style_key(found.name)
        if holders[style] != found.name:
            return f"style {style!r} has {holders[style]} already: delete one of the two"
        return None if trainable or is_network(found.name) else NOTHING_TO_LEARN_FROM

    def generation(found: StoredObject) -> str:
        return "" if is_network(found.name) else body

    found = sift(paintings, ledger, refusal=refusal, limit=limit, hour=hour, generation=generation)
    finer = sift(
        [p for p in fine_paintings(paintings) if style_key(p.name) in fine and not refusal(p)],
        ledger,
        refusal=lambda _: None,
        limit=limit,
        hour=hour,
        generation=lambda _: f"fine {fine_body}",
    )
    recorded = {style: fingerprint("shipped", style, sha256) for style, sha256 in shipped.items()}
    held = {_holds(style, name) for style, name in holders.items()}
    return PaintingIntake(
        found.start,
        tuple(dict.fromkeys(found.rejected + finer.rejected)),
        found.ledger | finer.ledger | held | set(recorded.values()),
        tuple(style for style, entry in recorded.items() if entry not in ledger),
        finer.start,
    )


def rejection(name: str) -> str | None:
    """Why the object `name` is neither painting nor network, and what to do, or None."""
    file = name.removeprefix(f"{FOLDER}/")
    if "/" in file:
        return f"it is in a folder: move it to {FOLDER}/<style>.{EXTENSIONS[0]}"
    wrong = wrong_kind(file, "picture or network", (*EXTENSIONS, *NETWORKS))
    return wrong or unfit_for_a_key(style_key(name))


def is_network(name: str) -> bool:
    """Whether the file is a network of somebody's, and no painting."""
    return extension(name) in NETWORKS


def style_key(name: str) -> str:
    """The partition key of the painting `name`: its file's name without the extension."""
    return PurePosixPath(name).stem


def styles_with_painting(listing: Iterable[StoredObject]) -> frozenset[str]:
    """The styles that a listing of `styles/` holds a painting of."""
    return frozenset(style_key(found.name) for found in _usable(listing))


def fine_paintings(listing: Iterable[StoredObject]) -> list[StoredObject]:
    """Those that the fine body can be fitted to: a network is what it is."""
    return [found for found in _usable(listing) if not is_network(found.name)]


def _usable(listing: Iterable[StoredObject]) -> Iterator[StoredObject]:
    for found in listing:
        if found.size and not is_ignored(found) and not rejection(found.name):
            yield found


def _holders(paintings: Iterable[StoredObject], ledger: Ledger) -> dict[str, str]:
    """The one painting of each style: that which was first, in the order of names if at once."""
    holders: dict[str, str] = {}
    for name in sorted(found.name for found in paintings if not rejection(found.name)):
        style = style_key(name)
        if style not in holders or _holds(style, name) in ledger:
            holders[style] = name
    return holders


def _holds(style: str, name: str) -> bytes:
    return fingerprint("holds", style, name)
