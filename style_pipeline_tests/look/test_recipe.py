"""What films say of themselves."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest

from style_pipeline.look.look import Look
from style_pipeline.look.mixtures import Keyframe
from style_pipeline.look.recipe import NoRecipe, Recipe, parse_recipe, read_recipe, recipe_of
from style_pipeline.media.cut import Cut
from style_pipeline.media.indexing import index_frames
from style_pipeline_tests.clips import AAC, H264, moving, plain, tone
from style_pipeline_tests.media.films import make_film

LOOK = Look(
    style="ink", model_hash="ab12", strength=1.0, preserve_colours=False, current_style="v1"
)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("a.mp4", []),
        ("a.mp4", ["-metadata", "my.own=hello", "-movflags", "use_metadata_tags"]),
        ("a.avi", ["-c:v", "mpeg4", "-c:a", "adpcm_ms"]),
        ("a.mov", ["-c:a", "pcm_s16le"]),
    ],
    ids=["mp4", "mp4 with custom tags", "matroska", "mov"],
)
def test_a_film_carries_its_recipe_beside_the_source_s_comment(
    name: str, arguments: list[str], tmp_path: Path
) -> None:
    inputs = [*moving(frames=6), *tone(0.24)]
    make = plain(name, *H264, *AAC, *arguments, "-metadata", "comment=By me", inputs=inputs)
    source = make(tmp_path)
    video = index_frames(source).video
    film = make_film(source, tmp_path / "film", comment=recipe_of(LOOK, video))
    assert film.wrong() == []
    copied = tmp_path / "elsewhere.bin"
    copied.write_bytes(film.path.read_bytes())
    recipe = read_recipe(copied)
    assert (recipe.style, recipe.networks, recipe.settings) == ("ink", {"ink": "ab12"}, {})
    with av.open(str(copied)) as made:
        tags = {tag.lower(): text for tag, text in made.metadata.items()}
    assert tags["comment"].startswith("By me\nstyle_pipeline 0.1.0 {")
    again = make_film(
        film.path, tmp_path / "again", comment=recipe_of(replace(LOOK, style="mosaic"), video)
    )
    assert read_recipe(again.path).style == "mosaic", "the last one counts"


def test_a_recipe_has_all_settings_that_are_not_as_usual(tmp_path: Path) -> None:
    source = plain("a.mp4", *H264)(tmp_path)
    video = index_frames(source, cut=Cut(Fraction("0.2"), Fraction("0.5"))).video
    look = replace(
        LOOK,
        strength=((0.0, 0.2), (10.0, 1.0)),
        preserve_colours=True,
        keyframes=(Keyframe(0, {"ink": 1.0}), Keyframe(5, {"ink": 1 / 3, "mosaic": 2 / 3})),
        models={"ink": "ab12", "mosaic": "cd34"},
        reduction=2.0,
        quality="fine",
        codec="hevc",
        bits=10,
        keeps_hdr=True,
        size=(32, 24),
    )
    recipe = parse_recipe(recipe_of(look, video))
    assert recipe == Recipe(
        style="ink",
        networks={"ink": "ab12", "mosaic": "cd34"},
        settings={
            "strength": [[0, 0.2], [10, 1]],
            "preserve_colours": True,
            "quality": "fine",
            "style": [[0, {"ink": 1}], [5, {"ink": 0.333333, "mosaic": 0.666667}]],
            "strokes": 2,
            "codec": "hevc",
            "bits": 10,
            "hdr": "keep",
            "size": "32x24",
            "from": 0.2,
            "to": 0.5,
        },
        version="0.1.0",
    )


@pytest.mark.parametrize(
    "comment",
    ["", "By me", "style_pipeline 1", 'style_pipeline 1 {"style": 1}', "style_pipeline 1 {[}"],
)
def test_what_is_no_recipe_is_none(comment: str) -> None:
    assert parse_recipe(comment) is None


def test_a_film_of_somebody_else_says_nothing(tmp_path: Path) -> None:
    film = plain("a.mp4", *H264, inputs=moving(frames=2))(tmp_path)
    with pytest.raises(NoRecipe, match=r"a\.mp4 does not say what it was made by"):
        read_recipe(film)
