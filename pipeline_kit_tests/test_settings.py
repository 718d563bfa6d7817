from typing import Annotated, Literal

import pytest
from pydantic import Field, SecretStr

from pipeline_kit.settings import BadSetting, Settings


class Example(Settings):
    color: Literal["red", "blue"] = Field(default="red", description="of the bikeshed")
    count: int = Field(default=3, ge=1, le=9, description="of bikes")
    price: float | None = Field(default=None, ge=0, le=100, description="of a bike")
    token: SecretStr = Field(default=SecretStr(""), description="of the door")
    name: Annotated[str, Field(max_length=3)] = "a"


def test_without_variables_the_defaults_hold() -> None:
    assert (Example.load("KIT_").count, Example.load("KIT_").price) == (3, None)


def test_the_prefix_of_variables_is_a_parameter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONE_COUNT", "5")
    monkeypatch.setenv("OTHER_COUNT", "6")
    assert (Example.load("ONE_").count, Example.load("OTHER_").count) == (5, 6)


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIT_PRICE", "")
    assert Example.load("KIT_").price is None


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("COLOR", "green", "KIT_COLOR='green' should be one of red, blue"),
        ("COUNT", "10", "KIT_COUNT='10' should be a whole number from 1 to 9"),
        ("COUNT", "many", "KIT_COUNT='many' should be a whole number from 1 to 9"),
        ("PRICE", "-1", "KIT_PRICE='-1' should be a number from 0 to 100"),
        ("NAME", "abcd", "KIT_NAME: String should have at most 3 characters"),
    ],
)
def test_a_wrong_value_is_named_in_one_line_with_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, wanted: str
) -> None:
    monkeypatch.setenv(f"KIT_{name}", value)
    with pytest.raises(BadSetting) as raised:
        Example.load("KIT_")
    assert str(raised.value) == wanted


def test_a_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIT_TOKEN", "sesame")
    assert "sesame" not in repr(Example.load("KIT_"))


def test_every_setting_is_documented_with_its_name_and_default() -> None:
    documented = {each.name: each for each in Example.documented("KIT_")}
    assert list(documented) == ["KIT_COLOR", "KIT_COUNT", "KIT_PRICE", "KIT_TOKEN", "KIT_NAME"]
    assert documented["KIT_COUNT"].default == 3
    assert documented["KIT_COUNT"].description == "of bikes"
