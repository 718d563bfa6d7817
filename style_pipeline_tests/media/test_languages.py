import pytest

from style_pipeline.media.languages import three_letters, two_letters


@pytest.mark.parametrize(
    ("written", "three", "two"),
    [
        ("en", "eng", "en"),
        ("en-GB", "eng", "en"),
        ("eng", "eng", "en"),
        ("ger", "ger", "de"),
        ("deu", "deu", "de"),
        ("und", "und", "und"),
        ("tlh", "tlh", "tlh"),
    ],
)
def test_languages_are_read_in_either_form(written: str, three: str, two: str) -> None:
    assert (three_letters(written), two_letters(written)) == (three, two)
