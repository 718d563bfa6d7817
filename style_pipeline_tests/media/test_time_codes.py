from fractions import Fraction

import pytest

from style_pipeline.media.time_codes import later

NTSC = Fraction(30_000, 1001)


@pytest.mark.parametrize(
    ("code", "frames", "rate", "expected"),
    [
        ("01:00:00:00", 250, Fraction(25), "01:00:10:00"),
        ("00:59:59:24", 1, Fraction(25), "01:00:00:00"),
        ("23:59:59:24", 1, Fraction(25), "00:00:00:00"),
        ("00:00:59:29", 1, NTSC, "00:01:00:00"),
        ("00:00:59;29", 1, NTSC, "00:01:00;02"),
        ("00:01:00;02", 1797, NTSC, "00:01:59;29"),
        ("00:01:59;29", 1, NTSC, "00:02:00;02"),
        ("00:09:59;29", 1, NTSC, "00:10:00;00"),
        ("00:00:00;00", 17_982, NTSC, "00:10:00;00"),
        ("00:00:59;59", 1, 2 * NTSC, "00:01:00;04"),
    ],
)
def test_a_time_code_counts_on(code: str, frames: int, rate: Fraction, expected: str) -> None:
    assert later(code, frames / rate, rate=rate) == expected


def test_what_is_no_time_code_stays_as_it_is() -> None:
    assert later("soon", Fraction(1), rate=NTSC) == "soon"
