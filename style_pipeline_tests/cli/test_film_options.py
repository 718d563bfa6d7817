from fractions import Fraction

import click
import pytest

from style_pipeline.cli.film_options import NAMES, as_toml, chosen_settings
from style_pipeline.cli.stylize import stylize
from style_pipeline.look.setting_values import CHECKS
from style_pipeline.look.style_toml import parse_settings
from style_pipeline_tests.cli.shell import refusal

NOTHING = dict.fromkeys(NAMES)
OF_DROPPED_VIDEOS = {"blend", "style", "also"}


def test_every_setting_of_a_style_toml_that_makes_sense_is_an_option() -> None:
    assert {*NAMES} == {*CHECKS} - OF_DROPPED_VIDEOS
    assert {*NAMES} <= {option.name for option in stylize.params}


def test_what_was_chosen_is_what_a_style_toml_says() -> None:
    chosen = chosen_settings(
        {
            **NOTHING,
            "strength": 0.5,
            "from": "0:01",
            "bits": "10",
            "preserve_colours": True,
            "quality": "fine",
        },
        of_picture=False,
    )
    settings = parse_settings(as_toml(chosen).encode(), name="style.toml")
    assert (settings.strength, settings.start) == (0.5, Fraction(1))
    assert settings.bits == 10
    assert settings.preserve_colours
    assert settings.quality == "fine"
    assert as_toml({}) == ""


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--size", "big"], "stylize: size = 'big' should be a size, as "),
        (["--from", "2", "--to", "1"], "stylize: to = '1' should be later than from = '2'"),
        (["--strokes", "0"], "stylize: strokes = 0.0 should be a number above 0, up to 8"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_read(words: list[str], line: str) -> None:
    assert refusal("stylize", *words).startswith(line)


def test_what_is_for_videos_is_refused_for_pictures() -> None:
    with pytest.raises(click.UsageError, match="--codec is for videos, not for pictures"):
        chosen_settings({**NOTHING, "codec": "hevc"}, of_picture=True)
