"""Settings from environment variables: typed, documented once, wrong in one line.

A pipeline subclasses `Settings`, gives each field a default and a description, and loads it with
the prefix of its variables.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import AfterValidator, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipeline_kit.errors import PermanentError


class BadSetting(PermanentError):
    """An environment variable has a value that it cannot have."""


def _is_endpoint(value: str) -> str:
    if value and not value.startswith(("http://", "https://", "InstrumentationKey=")):
        raise ValueError("it should read https://host/path or InstrumentationKey=...")
    return value


TelemetrySetting = Annotated[str, AfterValidator(_is_endpoint)]
"""The URL of an OTLP endpoint, a connection string of Application Insights, or nothing."""


@dataclass(frozen=True)
class Setting:
    """What documentation says of a setting."""

    name: str
    default: Any
    description: str


class Settings(BaseSettings):
    """Settings whose variables are named for the fields; an empty variable is one that is not set.

    A wrong value is shown with its variable, a secret's never.
    """

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    @classmethod
    def load(cls, prefix: str) -> Self:
        """What the variables `<prefix><FIELD>` say. Raises `BadSetting`."""
        options: dict[str, Any] = {"_env_prefix": prefix}
        try:
            return cls(**options)
        except ValidationError as error:
            raise BadSetting(_line(cls, prefix, error.errors(include_url=False)[0])) from None

    @classmethod
    def documented(cls, prefix: str) -> Iterator[Setting]:
        """Every setting, in the order of the fields."""
        for name, field in cls.model_fields.items():
            yield Setting(f"{prefix}{name.upper()}", field.get_default(), field.description or "")


def end_where_wrong(check: Callable[[], object]) -> None:
    """End the process with one line where `check` raises `BadSetting`."""
    try:
        check()
    except BadSetting as error:
        sys.exit(f"Error: {error}")


def end_where_file_is_wrong(check: Callable[[], object]) -> None:
    """The same, with the settings of the file `.env` here: for `make dev`, as Dagster reads that
    file, too, and shows what is wrong with it in its UI alone."""
    from dotenv import load_dotenv

    load_dotenv(".env", override=True)
    end_where_wrong(check)


def _line(settings: type[Settings], prefix: str, error: ErrorDetails) -> str:
    name, *inner = map(str, error["loc"])
    variable = f"{prefix}{name.upper()}"
    reason = error["msg"].removeprefix("Value error, ")
    if not inner:
        told = error["type"] == "value_error"  # by a validator of the field's own
        wanted = "" if told else _wanted(settings.model_fields[name])
        bad = f"{variable}={error['input']!r} should be {wanted}"
        return bad if wanted else f"{variable}: {reason}"
    place = ".".join(inner)
    if error["type"] == "extra_forbidden":
        return f"{variable}: there is no {place}"
    return f"{variable}: {place}={error['input']!r}: {reason}"


def _wanted(field: FieldInfo) -> str:
    """What the field allows, where its type says so."""
    kinds = get_args(field.annotation) or (field.annotation,)
    if get_origin(field.annotation) is Literal:
        return f"one of {', '.join(kinds)}"
    least = next((bound.ge for bound in field.metadata if isinstance(bound, Ge)), None)
    most = next((bound.le for bound in field.metadata if isinstance(bound, Le)), None)
    if least is None or most is None:
        return ""
    return f"{'a whole number' if int in kinds else 'a number'} from {least} to {most}"
