"""The project's settings: environment variables, each with a default that works locally."""

import os
from pathlib import Path

import dagster as dg

from style_pipeline.resources.ffmpeg import FFmpeg
from style_pipeline.resources.stores import Store
from style_pipeline.resources.stylizer import Stylizer


def resources() -> dict[str, Store | Stylizer | FFmpeg]:
    """What assets and sensors are handed, as the environment says."""
    return {
        "media": store("MEDIA"),
        "ops": store("OPS"),
        "stylizer": Stylizer(device=setting("DEVICE", "auto")),
        "ffmpeg": FFmpeg(preset=setting("PRESET", "medium"), crf=int(setting("CRF", "18"))),
    }


def store(name: str) -> Store:
    """A store that four settings describe; locally a folder of that name in the project's."""
    folder = Path.cwd() / name.lower()
    return Store(
        url=setting(f"{name}_URL", folder.as_uri()),
        endpoint=setting(f"{name}_ENDPOINT", ""),
        sas_token=secret(f"{name}_SAS_TOKEN"),
        account_key=secret(f"{name}_ACCOUNT_KEY"),
    )


def setting(name: str, default: str) -> str:
    return os.environ.get(f"STYLE_PIPELINE_{name}") or default


def secret(name: str) -> str:
    """A setting whose value Dagster looks up where it is used, and shows nowhere."""
    variable = f"STYLE_PIPELINE_{name}"
    return dg.EnvVar(variable) if os.environ.get(variable) else ""
