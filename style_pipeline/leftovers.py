"""What lies in the ops store and belongs to nothing any more."""

import re
from collections.abc import Callable, Collection, Iterable
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pipeline_kit.storage.objects import ObjectNotFound, StoredObject
from pipeline_kit.storage.store import Store
from style_pipeline.forgetting import owner_of
from style_pipeline.intake.paintings import FOLDER, styles_with_painting
from style_pipeline.look.look import Look
from style_pipeline.object_names import Style, Video
from style_pipeline.resources.models import trained_styles
from style_pipeline.styles import BODY_OF

_NETWORK = re.compile(r"models/(?P<style>[^/]+)/(?P<sha256>[0-9a-f]{64})\.safetensors")
_CHECKPOINT = re.compile(r"training/(?P<style>[^/]+(/fine)?)/checkpoint")


@dataclass(frozen=True)
class Leftover:
    """An object that nothing needs."""

    name: str
    size: int
    why: str


def leftovers(
    listing: Iterable[StoredObject],
    *,
    videos: Collection[str],
    networks: Collection[str] | None,
    styles: AbstractSet[str],
) -> list[Leftover]:
    """What of the ops store belongs to none of these.

    `networks` are the hashes of those that are current or that a look names; None where that could
    not be found out, so that all are kept. `styles` have a painting, or are in training. What this
    project did not put there is left alone.
    """
    known = set(videos)
    found = []
    for each in listing:
        owner = owner_of(each.name)
        if owner is not None and owner not in known:
            found.append(Leftover(each.name, each.size, f"there is no video {owner}"))
        elif network := _NETWORK.fullmatch(each.name):
            if networks is not None and network["sha256"] not in networks:
                why = f"a previous network of {network['style']}, which no film is made with"
                found.append(Leftover(each.name, each.size, why))
        elif training := _CHECKPOINT.fullmatch(each.name):
            style = Style(training["style"])
            if styles.isdisjoint({style.key, style.name}):
                why = f"{style.name} has no painting any more"
                found.append(Leftover(each.name, each.size, why))
    return found


def networks_in_use(ops: Store, looks: Iterable[str]) -> frozenset[str] | None:
    """Hashes of networks that are current, or that one of these looks names; None where a look
    cannot be read. Raises `StoreError`."""

    def read(name: str) -> Collection[str] | None:
        try:
            return Look.from_json(ops.read(name)).hashes.values()
        except ObjectNotFound:
            return ()
        except (KeyError, TypeError, ValueError):
            return None

    with ThreadPoolExecutor(16) as pool:
        named = [*pool.map(read, looks)]
    if None in named:
        return None
    current = (trained_styles(ops, quality).values() for quality in BODY_OF)
    return frozenset().union(*current, *filter(None, named))


def find_leftovers(
    media: Store,
    ops: Store,
    *,
    known: Callable[[], Collection[str]],
    in_training: Callable[[], Collection[str]],
) -> list[Leftover]:
    """Look through the ops store. Raises `StoreError`.

    Which videos are `known`, and which styles `in_training`, is asked once all is listed: what a
    new one leaves would be taken for nobody's.
    """
    listing = [found for folder in ("work", "models", "training") for found in ops.list(folder)]
    videos, training = known(), in_training()
    there = {found.name for found in listing}
    looks = [name for name in (Video(key).look for key in videos) if name in there]
    return leftovers(
        listing,
        videos=videos,
        networks=networks_in_use(ops, looks),
        styles=styles_with_painting(media.list(FOLDER)) | set(training),
    )
