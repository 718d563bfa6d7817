"""Which of the dropped files are videos to start, and what their folders stand for now."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

from pipeline_kit.orchestration.ledger import WAITS, Intake, Ledger, fingerprint, is_taken, sift
from pipeline_kit.orchestration.names import (
    extension,
    is_ignored,
    too_large,
    unfit_for_a_key,
    wrong_kind,
)
from pipeline_kit.storage.objects import StoredObject
from style_pipeline.intake.fine import Fine
from style_pipeline.intake.names import EXTENSIONS, FOLDER, is_settings, video_key
from style_pipeline.intake.rivals import holds_name, rivals, same_film
from style_pipeline.look.look import version_of
from style_pipeline.look.style_toml import nearest
from style_pipeline.object_names import Style, Video
from style_pipeline.styles import FINE

MOST_GIBIBYTES = 100
STANDARD_ONLY = Fine()


@dataclass(frozen=True)
class CurrentStyle:
    """What a video's folder stands for now: a version of the asset `current_style`."""

    key: str
    version: str
    model_hash: str
    settings: str


@dataclass(frozen=True)
class VideoIntake(Intake):
    """What one poll of `videos/` leads to."""

    current_styles: tuple[CurrentStyle, ...]
    """Those that changed, or are of videos to start."""
    again: tuple[StoredObject, ...] = ()
    """Videos that were started, and are to be decoded otherwise by now."""

    def of(self, known: Collection[str]) -> "VideoIntake":
        """What of it concerns videos to start and those that are `known`: not those that were
        forgotten, of which the file may still be there."""
        kept = {*known, *(video_key(file.name) for file in self.start)}
        return replace(
            self,
            current_styles=tuple(now for now in self.current_styles if now.key in kept),
            again=tuple(file for file in self.again if video_key(file.name) in kept),
        )


def new_videos(
    listing: Iterable[StoredObject],
    ledger: Ledger,
    *,
    trained: Mapping[str, str],
    with_painting: Collection[str] = (),
    readings: Mapping[str, str | None] = MappingProxyType({}),
    fine: Fine = STANDARD_ONLY,
    originals: Mapping[str, str] = MappingProxyType({}),
    limit: int = 100,
    hour: int = 0,
) -> VideoIntake:
    """What follows from a listing of `videos/`; see `sift`.

    `trained` is the hash of each style's network, and `readings` what each `style.toml` says of how
    videos are decoded: nothing where it is as usual, None where that cannot be read. What is to be
    `fine` waits until that is fitted. `originals` are the files of those of the listing that lie
    elsewhere, and are there by the `also` of a `style.toml`. The current style of a video that was
    started is returned once for each of its versions: with the start, and later at most `limit` at
    a time. So many at most are decoded again, too.
    """
    there = list(listing)
    etags = {found.name: found.etag for found in there if extension(found.name) == "toml"}

    @cache
    def settings_in(folder: str) -> str:
        return nearest(f"{folder}/clip", etags)

    videos = [found for found in there if not is_ignored(found) and not is_settings(found.name)]
    taken = {video.name for video in videos if is_taken(video, ledger)}
    holders: set[bytes] = set()

    @cache
    def contested() -> Mapping[str, frozenset[str]]:
        return rivals(video.name for video in videos)

    def holds(name: str) -> bool:
        entry = holds_name(name)
        if name not in taken and entry not in ledger:
            return False
        holders.add(entry)
        return True

    def refusal(video: StoredObject) -> str | None:
        settings = settings_in(video_key(video.name).rpartition("/")[0])
        reason = (
            rejection(
                video.name,
                trained=trained,
                with_painting=with_painting,
                fine=fine,
                settings=settings,
            )
            or too_large(video, gibibytes=MOST_GIBIBYTES)
            or same_film(video.name, contested().get(video.name, ()), holds)
        )
        if reason and video.name in originals:
            return f"{reason} (it is {originals[video.name]}, by `also` in a style.toml)"
        return reason

    found = sift(videos, ledger, refusal=refusal, limit=limit, hour=hour)
    # Who held a film's name still does while another version of its file comes.
    kept = {holds_name(video.name) for video in videos} & ledger
    entries = {*found.ledger, *holders, *kept}
    started = set(found.start)
    current_styles: list[CurrentStyle] = []
    again: list[StoredObject] = []
    for video in sorted(videos, key=lambda video: (video not in started, video.name)):
        if not is_taken(video, found.ledger):
            continue
        key = video_key(video.name)
        settings = settings_in(key.rpartition("/")[0])
        is_other, decoded = _how_decoded(video, readings.get(settings, ""), ledger)
        if is_other and video not in started:
            if len(again) < limit:
                again.append(video)
            else:
                _, decoded = _how_decoded(video, None, ledger)
        entries |= decoded
        style = Video(key).style
        model_hash = fine.below(settings).get(style) or trained.get(style)
        if model_hash is None or fine.lacking(key, settings):
            continue  # noted once it is there
        version = version_of(model_hash, etags.get(settings))
        entry = fingerprint(video.name, version)
        if entry not in ledger or video in started:
            if video not in started and len(current_styles) >= limit:
                continue
            current_styles.append(CurrentStyle(key, version, model_hash, settings))
        entries.add(entry)
    return VideoIntake(
        found.start, found.rejected, frozenset(entries), tuple(current_styles), tuple(again)
    )


def _how_decoded(
    video: StoredObject, reading: str | None, ledger: Ledger
) -> tuple[bool, set[bytes]]:
    """Whether a video is to be decoded otherwise than it was last, and entries that say how.

    There are none where it is decoded as usual, so that ledgers stay small. Of a `reading` of None,
    which is not known for now, it is only kept that it was another than the usual one.
    """
    otherwise, so = (
        fingerprint(video.name, "decoded"),
        fingerprint(video.name, "decoded", reading or ""),
    )
    if reading:
        return so not in ledger, {otherwise, so}
    return reading == "" and otherwise in ledger, {otherwise} & ledger if reading is None else set()


def rejection(
    name: str,
    *,
    trained: Collection[str],
    with_painting: Collection[str] = (),
    fine: Fine = STANDARD_ONLY,
    settings: str = "",
) -> str | None:
    """Why the object `name`, below these `settings`, cannot be started, and what to do, or None
    where it can."""
    key = video_key(name)
    if unfit := unfit_for_a_key(key):
        return unfit
    folder, _, clip = key.partition("/")
    known = ", ".join(sorted({*trained, *with_painting}))
    if not clip:
        return f"it is in no style's folder: move it into {FOLDER}/<style>/ (styles: {known})"
    if folder not in trained and folder not in with_painting:
        return f"there is no style {folder!r}: move it into the folder of a style ({known})"
    if wrong := wrong_kind(clip, "video", EXTENSIONS):
        return wrong
    if lacking := fine.lacking(key, settings):
        partition = Style.of(lacking[0], FINE).key
        return (
            f"{WAITS}style {lacking[0]!r} is not fitted to the fine body yet: "
            f"it starts by itself once style_model has made {partition}"
        )
    if folder not in trained and folder not in fine.below(settings):
        return (
            f"{WAITS}style {folder!r} has a painting and no trained network yet: "
            "it starts by itself once style_model has made one"
        )
    return None
