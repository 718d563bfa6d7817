from pathlib import Path

import pytest

from pipeline_kit.storage.store import Store
from style_pipeline.leftovers import find_leftovers, networks_in_use
from style_pipeline.look.look import Look
from style_pipeline.object_names import Style, Video
from style_pipeline.resources.models import trained_styles
from style_pipeline.styles import BODY_OF, FINE

KEPT, FORGOTTEN = Video("ink/kept.mp4"), Video("ink/forgotten.mp4")
OLD, USED, NOW = ("1" * 64, "2" * 64, "3" * 64)
NIGHT = Style("night")


def look_with(sha256: str) -> bytes:
    return Look(
        style="night",
        model_hash=sha256,
        strength=1.0,
        preserve_colours=False,
        current_style="",
    ).to_json()


@pytest.fixture
def stores(tmp_path: Path) -> tuple[Store, Store]:
    media, ops = (Store(url=(tmp_path / name).as_uri()) for name in ("media", "ops"))
    media.write("styles/night.jpg", b"painting")
    media.write("styled/ink/forgotten.mp4", b"film")
    for video in (KEPT, FORGOTTEN):
        ops.write(video.index, b"index")
        ops.write(video.segment(0), b"segment")
    ops.write(KEPT.look, look_with(USED))
    for sha256 in (OLD, USED, NOW):
        ops.write(NIGHT.model(sha256), b"network")
    ops.write("models/night/current", NOW.encode())
    ops.write(NIGHT.checkpoint, b"night")
    ops.write(Style("day").checkpoint, b"day")
    ops.write("work/notes.txt", b"somebody's")
    return media, ops


def found(stores: tuple[Store, Store], *, in_training: str = "") -> dict[str, str]:
    media, ops = stores
    listed = find_leftovers(
        media, ops, known=lambda: [KEPT.key], in_training=lambda: in_training.split()
    )
    assert all(each.size for each in listed)
    return {each.name: each.why for each in listed}


def test_what_belongs_to_nothing_is_found_and_nothing_else(stores: tuple[Store, Store]) -> None:
    assert found(stores) == {
        FORGOTTEN.index: "there is no video ink/forgotten.mp4",
        FORGOTTEN.segment(0): "there is no video ink/forgotten.mp4",
        NIGHT.model(OLD): "a previous network of night, which no film is made with",
        Style("day").checkpoint: "day has no painting any more",
    }


def test_the_checkpoint_of_a_training_that_runs_stays(stores: tuple[Store, Store]) -> None:
    assert Style("day").checkpoint not in found(stores, in_training="day")


@pytest.mark.parametrize("look", [b"no look", b"[]", b"{}"])
def test_networks_stay_while_a_look_cannot_be_read(
    stores: tuple[Store, Store], look: bytes
) -> None:
    stores[1].write(KEPT.look, look)
    assert NIGHT.model(OLD) not in found(stores)
    assert FORGOTTEN.index in found(stores)


def test_networks_are_in_use_that_are_current_or_named_by_a_look(
    stores: tuple[Store, Store],
) -> None:
    _, ops = stores
    used = set(networks_in_use(ops, [KEPT.look, FORGOTTEN.look]) or ())
    of_all = [network for quality in BODY_OF for network in trained_styles(ops, quality).values()]
    assert used == {*of_all, USED}
    assert NOW in used


def test_what_a_video_leaves_that_is_taken_meanwhile_is_not_taken_for_nobody_s(
    stores: tuple[Store, Store],
) -> None:
    media, ops = stores

    def known() -> list[str]:
        ops.write(Video("ink/new.mp4").index, b"index")
        return [KEPT.key]

    listed = find_leftovers(media, ops, known=known, in_training=list)
    assert not [each for each in listed if "new.mp4" in each.name]


def test_what_was_fitted_to_the_fine_body_stays_with_its_painting(
    stores: tuple[Store, Store],
) -> None:
    night, day = Style.of("night", FINE), Style.of("day", FINE)
    stores[1].write("models/night/fine", OLD.encode())
    for fine in (night, day):
        stores[1].write(fine.checkpoint, b"fine")
    left = found(stores)
    assert NIGHT.model(OLD) not in left
    assert night.checkpoint not in left
    assert left[day.checkpoint] == "day has no painting any more"
    assert day.checkpoint not in found(stores, in_training=day.key)
