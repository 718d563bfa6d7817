import pytest

from pipeline_kit.orchestration.names import (
    MAX_KEY_BYTES,
    extension,
    is_ignored,
    too_large,
    unfit_for_a_key,
    wrong_kind,
)
from pipeline_kit.storage.objects import StoredObject


@pytest.mark.parametrize(
    ("name", "size", "ignored"),
    [
        ("in/a.csv", 1, False),
        ("in/.a.csv", 1, True),
        ("in/.hidden/a.csv", 1, True),
        ("in/._a.csv", 1, True),
        ("in/.a.csv.Xa81k", 1, True),
        ("in/a.csv.part", 1, True),
        ("in/a.csv.crdownload", 1, True),
        ("in/a.tmp", 1, True),
        ("in/Thumbs.db", 1, True),
        ("in/folder", 0, True),
        ("in/folder/", 0, True),
        ("in/a.csv", 0, False),
    ],
)
def test_what_nobody_meant_to_be_taken_is_ignored(name: str, size: int, ignored: bool) -> None:
    assert is_ignored(StoredObject(name, size, "v")) is ignored


@pytest.mark.parametrize(
    "key", ["a|b", "a,b", "[a]", "a...b", "a\nb", "a/../b", "/a", " a", "\u202ea", "a" * 201]
)
def test_a_key_that_dagster_would_read_as_syntax_is_unfit(key: str) -> None:
    assert unfit_for_a_key(key)


def test_other_keys_are_fit() -> None:
    assert unfit_for_a_key("Straße/día 1.csv") is None
    assert unfit_for_a_key("a" * MAX_KEY_BYTES) is None


def test_size_and_kind_are_judged_with_what_is_allowed() -> None:
    assert too_large(StoredObject("a", 3 << 30, "v"), gibibytes=2) == (
        "it has 3.0 GiB: at most 2 are taken"
    )
    assert too_large(StoredObject("a", 1, "v"), gibibytes=2) is None
    assert extension("a.CSV") == "csv"
    assert wrong_kind("a.CSV", "table", ("csv",)) is None
    assert "convert it to one of csv" in (wrong_kind("a.xls", "table", ("csv",)) or "")
