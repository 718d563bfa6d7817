"""What commands work with: the stores and the instance that the settings name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from style_pipeline.styles import FINE, STANDARD

if TYPE_CHECKING:
    from dagster import DagsterInstance

    from pipeline_kit.storage.store import Store
    from style_pipeline.stylization.model_file import StyleModel

LOCAL_HOME = ".dagster"


class WrongSetting(click.ClickException):
    """A setting has a value that it cannot have: one line, as no word of the command is wrong."""

    exit_code = 2


@contextmanager
def clear_errors() -> Iterator[None]:
    """End the command with one line where a setting or a file is wrong, or a store does not
    answer."""
    from pipeline_kit.errors import PermanentError
    from pipeline_kit.settings import BadSetting
    from pipeline_kit.storage.objects import StoreError

    try:
        yield
    except BadSetting as error:
        raise WrongSetting(str(error)) from None
    except (PermanentError, StoreError) as error:
        raise click.ClickException(str(error)) from None


def with_checked_settings(command: Callable[..., Any] | None) -> Callable[..., Any]:
    """The command, which ends where a setting is wrong, whether or not it is for this command."""
    assert command is not None

    @wraps(command)
    def checked(*args: Any, **options: Any) -> Any:
        from style_pipeline.settings import check_settings

        with clear_errors():
            check_settings()
        return command(*args, **options)

    return checked


def open_store(name: str) -> Store:
    """The store `media` or `ops`."""
    from style_pipeline.resources.settings import store

    return store(name.upper())


def open_store_if_there(name: str) -> Store | None:
    """As `open_store`, but a folder that is not there is not created."""
    from pipeline_kit.storage.backends import folder_to_come
    from style_pipeline.resources.settings import store

    return None if folder_to_come(store(name.upper()).url) else open_store(name)


def trained_here(quality: str = STANDARD) -> dict[str, str]:
    """The network of each style, also where nothing but those that ship is there."""
    from style_pipeline.resources.models import shipped_networks, trained_styles

    ops = open_store_if_there("ops")
    return trained_styles(ops, quality) if ops else shipped_networks(quality)


def networks_here(quality: str, *styles: str) -> dict[str, str]:
    """The network of each of the styles, or of all that there are. Raises `click.UsageError`."""
    from style_pipeline.intake.fine import missing

    trained = trained_here()
    if unknown := [style for style in styles if style not in trained]:
        raise click.UsageError(f"there is no style {unknown[0]!r}: there are {', '.join(trained)}")
    if quality == FINE:
        trained = trained_here(FINE)
        if reason := missing(styles, trained):
            raise click.UsageError(reason)
    return {style: trained[style] for style in styles or trained}


def models_of(trained: Mapping[str, str], *, folder: Path) -> dict[str, StyleModel]:
    """The models of styles with these hashes. Raises `click.ClickException`."""
    from style_pipeline.resources.models import fetch_model, shipped_model
    from style_pipeline.stylization.model_file import StyleModelError, load_model

    ops = open_store_if_there("ops")
    found = {}
    for style, sha256 in trained.items():
        path = shipped_model(style, sha256)
        if path is None and ops:
            path = fetch_model(ops, style=style, sha256=sha256, folder=folder)
        assert path, "without a store there are only those that ship"
        try:
            found[style] = load_model(path)
        except StyleModelError as error:
            raise click.ClickException(f"style {style}: {error}") from None
    return found


def dagster_home() -> str:
    """DAGSTER_HOME, or that of `make dev` in this folder. Raises `click.UsageError`."""
    if home := os.environ.get("DAGSTER_HOME"):
        return home
    if Path(LOCAL_HOME).is_dir():
        return str(Path(LOCAL_HOME).resolve())
    raise click.UsageError(
        "there is no Dagster instance here: run it where `make dev` runs, or set DAGSTER_HOME"
    )


@contextmanager
def open_instance() -> Iterator[DagsterInstance]:
    """The instance whose daemon makes films."""
    os.environ["DAGSTER_HOME"] = home = dagster_home()

    from dagster import DagsterError, DagsterInstance

    try:
        instance = DagsterInstance.get()
    except DagsterError as error:
        reason = str(error).strip().splitlines()[0]
        raise click.UsageError(f"DAGSTER_HOME={home} cannot be used: {reason}") from None
    with instance:
        yield instance
