import json
from dataclasses import replace

import pytest

from style_pipeline.look.look import Look, version_of
from style_pipeline.look.mixtures import Keyframe

LOOK = Look(
    style="fresco", model_hash="ab", strength=0.5, preserve_colours=True, current_style="cd"
)


def test_a_look_is_read_back_as_it_was_written() -> None:
    assert Look.from_json(LOOK.to_json()) == LOOK
    morph = replace(
        LOOK,
        keyframes=(Keyframe(0, {"ink": 1.0}), Keyframe(3, {"fresco": 1.0})),
        models={"ink": "12", "fresco": "ab"},
        reduction=1.5,
        strength=((0.0, 0.5), (2.0, 1.0)),
        size=(320, 240),
        quality="fine",
    )
    assert morph.metadata["quality"] == "fine"
    assert "quality" not in LOOK.metadata
    assert morph.strength_at(1) == 0.75
    assert morph.metadata["strength"] == "0.5 at 0 s, 1 at 2 s"
    assert Look.from_json(morph.to_json()) == morph
    assert morph.mixture_at(1.5) == {"fresco": 0.5, "ink": 0.5}
    assert morph.hashes == {"ink": "12", "fresco": "ab"}


def test_a_film_under_way_goes_on_with_the_look_of_version_0_1() -> None:
    written = {
        "style": "fresco",
        "model_hash": "ab",
        "strength": 0.5,
        "preserve_colours": True,
        "current_style": "cd",
    }
    look = Look.from_json(json.dumps(written).encode())
    assert look == LOOK
    # As version 0.1 named it: chunks that it stylized belong to the same film.
    assert look.content_hash == "8a52399ece9e4e8a4e1d48c7c9b42016"
    assert look.mixture_at(7) == {"fresco": 1.0}
    assert look.hashes == {"fresco": "ab"}


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"style": "x"}', b"\xff"])
def test_what_is_no_look_cannot_be_read(data: bytes) -> None:
    with pytest.raises((TypeError, ValueError)):
        Look.from_json(data)
    with pytest.raises(TypeError):
        Look.from_json(json.dumps({**json.loads(LOOK.to_json()), "other": 1}).encode())


@pytest.mark.parametrize(
    "other",
    [
        {"style": "x"},
        {"model_hash": "x"},
        {"strength": 1.0},
        {"preserve_colours": False},
        {"size": (32, 24)},
    ],
)
def test_looks_that_are_seen_to_differ_have_different_names(other: dict[str, str | float]) -> None:
    assert replace(LOOK, **other).content_hash != LOOK.content_hash  # type: ignore[arg-type]


def test_what_a_folder_stands_for_is_not_seen() -> None:
    assert replace(LOOK, current_style="x").content_hash == LOOK.content_hash


def test_a_folder_stands_for_its_network_and_its_settings() -> None:
    versions = {
        version_of("a", None),
        version_of("b", None),
        version_of("a", "s1"),
        version_of("a", "s2"),
    }
    assert len(versions) == 4
