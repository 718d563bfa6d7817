import pytest

from pipeline_kit.errors import PermanentError, SupersededError, TransientError
from pipeline_kit.storage.objects import (
    InvalidAddress,
    ObjectNotFound,
    StoreError,
    StoreUnavailable,
    Superseded,
    check_name,
    summary,
)


@pytest.mark.parametrize("name", ["", "/a", "a//b", "../a", "a/./b", "a\nb"])
def test_a_name_that_could_leave_the_root_is_refused(name: str) -> None:
    with pytest.raises(InvalidAddress, match="is not the name of an object"):
        check_name(name)


def test_other_names_are_taken_without_a_slash_at_their_end() -> None:
    assert check_name("videos/day 1/") == "videos/day 1"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (StoreUnavailable, TransientError),
        (InvalidAddress, PermanentError),
        (ObjectNotFound, PermanentError),
        (Superseded, SupersededError),
    ],
)
def test_each_error_of_a_store_says_which_kind_it_is(
    error: type[StoreError], kind: type[Exception]
) -> None:
    kinds = {PermanentError, TransientError, SupersededError}
    assert issubclass(error, StoreError)
    assert {each for each in kinds if issubclass(error, each)} == {kind}


def test_a_summary_is_one_line_with_azure_s_code_and_no_token() -> None:
    said = "Forbidden https://a.example/b?sig=SECRET\n<Code>AuthenticationFailed</Code>"
    assert summary(OSError(said)) == "Forbidden https://a.example/b (AuthenticationFailed)"
    assert summary(OSError()) == "OSError"
