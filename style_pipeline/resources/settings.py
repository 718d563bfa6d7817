"""What assets and sensors are handed, as environment variables say."""

from pathlib import Path

import dagster as dg

from style_pipeline.media.segment import Encoder
from style_pipeline.process.environment import PREFIX, amount, choice, setting, whole_number
from style_pipeline.resources.device import DEVICES
from style_pipeline.resources.ffmpeg import PRESETS, FFmpeg
from style_pipeline.resources.stores import Store
from style_pipeline.resources.stylizer import Stylizer
from style_pipeline.resources.telemetry import telemetry
from style_pipeline.resources.trainer import Trainer


def resources() -> dict[str, Store | Stylizer | Trainer | FFmpeg]:
    """All resources by name. Raises `BadSetting` naming the variable that is wrong."""
    device = choice("DEVICE", "auto", among=DEVICES)
    telemetry()  # which no resource needs, and each step
    return {
        "media": store("MEDIA"),
        "ops": store("OPS"),
        "stylizer": Stylizer(
            device=device, price_per_hour=amount("PRICE_PER_HOUR", most=1_000_000)
        ),
        "trainer": Trainer(
            device=device,
            photographs=setting("PHOTOGRAPHS", ""),
            perceptual_weights=setting("PERCEPTUAL_WEIGHTS", ""),
            iterations=whole_number("TRAINING_ITERATIONS", 0, least=0, most=1_000_000),
        ),
        "ffmpeg": FFmpeg(
            preset=choice("PRESET", Encoder.preset, among=PRESETS),
            crf=whole_number("CRF", Encoder.crf, least=0, most=51),
        ),
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


def secret(name: str) -> str:
    """A setting whose value Dagster looks up where it is used, and shows nowhere."""
    return dg.EnvVar(PREFIX + name) if setting(name, "") else ""
