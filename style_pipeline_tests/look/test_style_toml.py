from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from style_pipeline.look.mixtures import Keyframe
from style_pipeline.look.style_toml import (
    BadSettings,
    Settings,
    check_settings,
    parse_settings,
    settings_places,
)


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("", {}),
        ("# nothing yet", {}),
        ("strength = 0.5", {"strength": 0.5}),
        ("strength = 0", {"strength": 0.0}),
        ("strength = 1", {"strength": 1.0}),
        ("preserve_colours = true", {"preserve_colours": True}),
        ("strokes = 2", {"strokes": 2.0}),
        ("quality = 'fine'", {"quality": "fine"}),
        ("strength = [[0, 0.2], [10, 1.0]]", {"strength": ((0.0, 0.2), (10.0, 1.0))}),
        ('size = "1280x720"', {"size": (1280, 720)}),
        ('size = "50%"', {"size": Fraction(1, 2)}),
        ('from = 1.5\nto = "1:00"', {"start": Fraction(3, 2), "end": Fraction(60)}),
        ('also = ["ink", "great-wave"]', {"also": ("ink", "great-wave")}),
        ("blend = { ink = 1, mosaic = 3 }", {"blend": {"ink": 0.25, "mosaic": 0.75}}),
        (
            "style = [[0, 'ink'], [2.5, { ink = 1, mosaic = 1 }]]",
            {"style": (Keyframe(0, {"ink": 1}), Keyframe(2.5, {"ink": 0.5, "mosaic": 0.5}))},
        ),
        (
            "strength = 1e-3\npreserve_colours = false",
            {"strength": 0.001, "preserve_colours": False},
        ),
    ],
)
def test_settings_are_read(text: str, settings: dict[str, object]) -> None:
    assert parse_settings(text.encode(), name="style.toml") == Settings(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("strength = 1.5", "strength = 1.5 should be a number from 0 to 1"),
        ("strength = -0.1", "strength = -0.1 should be a number from 0 to 1"),
        ("strength = nan", "strength = nan should be a number from 0 to 1"),
        ("strength = inf", "strength = inf should be a number from 0 to 1"),
        ("strength = true", "strength = True should be a number from 0 to 1"),
        ("strength = '0.5'", "strength = '0.5' should be a number from 0 to 1"),
        ("preserve_colours = 1", "preserve_colours = 1 should be true or false"),
        ("preserve_colours = 'yes'", "preserve_colours = 'yes' should be true or false"),
        (
            "strenght = 1",
            "there is no setting 'strenght': there are strength, preserve_colours, strokes, ",
        ),
        ("strength = [[0, 2]]", "strength: keyframe 1 is 2: it should be a number from 0 to 1"),
        ("from = 5\nto = 5", "to = 5 should be later than from = 5"),
        ("from = 'soon'", "from = 'soon' should be seconds, or M:SS, as 42 or 0:42, up to 24 h"),
        ("also = 'ink'", "also = 'ink' should be different styles, as"),
        ("codec = 'vp9'", 'codec = \'vp9\' should be "h264" or "hevc" or "av1"'),
        ("bits = 12", "bits = 12 should be 8 or 10"),
        ("bits = true", "bits = True should be 8 or 10"),
        ("hdr = true", 'hdr = True should be "tone-map" or "keep"'),
        ("interlaced = 'no'", 'interlaced = \'no\' should be "deinterlace" or "keep"'),
        ("damaged = true", 'damaged = True should be "refuse" or "conceal"'),
        ("quality = 'best'", 'quality = \'best\' should be "standard" or "fine"'),
        ("quality = 2", 'quality = 2 should be "standard" or "fine"'),
        ("strokes = 0", "strokes = 0 should be a number above 0, up to 8"),
        ("blend = 'ink'", "blend: 'ink' should be shares by style"),
        ("style = [[5, 'ink'], [4, 'ink']]", "style: keyframe 2 is at 4 s, before the one at 5 s"),
        ("blend = { ink = 1 }\nstyle = [[0, 'ink']]", "blend and style exclude each other"),
        ("[strength]", "strength = {} should be a number from 0 to 1"),
        (f"strength = 0x{'f' * 9000}", "strength = a number of thousands of digits should be"),
    ],
)
def test_a_bad_setting_is_named_with_its_value_and_what_is_allowed(text: str, wrong: str) -> None:
    with pytest.raises(BadSettings) as raised:
        parse_settings(text.encode(), name="videos/fresco/style.toml")
    assert str(raised.value).startswith(f"videos/fresco/style.toml: {wrong}")


@pytest.mark.parametrize(
    "data",
    [b"strength 0.5", b"\xff\xfe", b"strength = 1\nstrength = 1", b"a = " + b"[" * 9000, b"\0"],
)
def test_what_is_not_toml_is_said_to_be_so(data: bytes) -> None:
    with pytest.raises(BadSettings, match=r"^style\.toml is not TOML: ") as raised:
        parse_settings(data, name="style.toml")
    assert "\n" not in str(raised.value)


def test_a_mark_of_utf_8_that_some_editors_begin_a_file_with_is_passed_over() -> None:
    assert parse_settings(b"\xef\xbb\xbfstrokes = 2", name="style.toml") == Settings(strokes=2.0)


def outcome(data: bytes) -> Settings | str:
    """The settings, or the line that refuses them."""
    try:
        return parse_settings(data, name="style.toml")
    except BadSettings as error:
        return str(error)


@given(st.binary() | st.text().map(str.encode))
def test_whatever_a_file_holds_is_read_or_refused_in_one_short_line(data: bytes) -> None:
    found = outcome(data)
    if isinstance(found, str):
        assert len(found.splitlines()) == 1
        assert len(found) < 400


@given(st.floats(0, 1), st.booleans())
def test_settings_that_can_be_are_taken_as_they_are(strength: float, preserve: bool) -> None:
    settings = {"strength": strength, "preserve_colours": preserve}
    expected = Settings(strength=strength, preserve_colours=preserve)
    assert check_settings(settings, name="run config") == expected


def test_what_a_run_says_goes_before_what_a_file_says() -> None:
    file, run = Settings(strength=0.5, strokes=2.0), Settings(strength=0.0)
    assert file.changed_by(run) == Settings(strength=0.0, strokes=2.0)


def test_settings_are_looked_for_from_the_video_s_folder_up_to_the_style_s() -> None:
    assert settings_places("fresco/holiday/day 1/clip.mp4") == [
        "videos/fresco/holiday/day 1/style.toml",
        "videos/fresco/holiday/style.toml",
        "videos/fresco/style.toml",
    ]
    assert settings_places("fresco/clip.mp4") == ["videos/fresco/style.toml"]
