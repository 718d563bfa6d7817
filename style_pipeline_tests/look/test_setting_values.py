from fractions import Fraction

import pytest

from style_pipeline.look.setting_values import CHECKS, parse_seconds, parse_size


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (0, Fraction(0)),
        (12.1, Fraction("12.1")),
        ("42", Fraction(42)),
        ("0:42", Fraction(42)),
        ("1:02:03.5", Fraction("3723.5")),
    ],
)
def test_times_are_exact(value: object, seconds: Fraction) -> None:
    assert parse_seconds(value) == seconds


@pytest.mark.parametrize(
    "value",
    [-1, "soon", True, float("nan"), float("inf"), "1:2:3:4", "1:70", "0:60:00", "", 90_000, [1]],
)
def test_what_is_no_time_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"^seconds, or M:SS, as 42 or 0:42, up to 24 h$"):
        parse_seconds(value)


def test_a_size_is_in_pixels_or_a_share() -> None:
    assert parse_size("1280x720") == (1280, 720)
    assert parse_size("12.5%") == Fraction(1, 8)


@pytest.mark.parametrize(
    "value", ["1280", "8x8", "9000x10", "0%", "500%", "-5%", 50, 0.5, "50 %", "1280*720"]
)
def test_what_is_no_size_is_refused(value: object) -> None:
    with pytest.raises(
        ValueError, match=r'^a size, as "1280x720", of 16 to 8192 pixels a side, or'
    ):
        parse_size(value)


def test_further_styles_are_a_list_of_different_names() -> None:
    assert CHECKS["also"](["ink", "mosaic"]) == ("ink", "mosaic")
    for wrong in (
        *("ink", ["ink", "ink"], [""], [1], {"ink": 1}),
        *(["a/b"], ["../ink"], [".ink"], [" ink"], ["ink\n"]),
    ):
        with pytest.raises(ValueError, match=r"^different styles, as"):
            CHECKS["also"](wrong)
