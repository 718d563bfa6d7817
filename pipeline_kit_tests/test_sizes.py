import pytest

from pipeline_kit.sizes import size


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (9_951, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (3_420_000, "3.4 MB"),
        (21_000_000_000, "21 GB"),
        (5_000_000_000_000_000, "5000 TB"),
    ],
)
def test_a_size_has_the_digits_that_people_read(count: int, said: str) -> None:
    assert size(count) == said
