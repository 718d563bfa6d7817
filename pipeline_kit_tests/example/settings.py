"""Step 1, settings: environment variables that begin with `LABELS_`."""

from typing import Annotated, Final

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode

from pipeline_kit.execution.pods import Pod, from_json_or_toml
from pipeline_kit.settings import Settings
from pipeline_kit.storage.settings import StoreSettings

PREFIX: Final = "LABELS_"


class LabelSettings(Settings):
    """All settings but those of the store."""

    model: str = Field(default="brightness", description="the model that labels pictures")
    poll_seconds: int = Field(default=30, ge=1, le=3600, description="between two polls")
    pod: Annotated[Pod, NoDecode, BeforeValidator(from_json_or_toml)] = Field(
        default=Pod(gpus=1, memory="8Gi"), description="what a run asks for in Kubernetes"
    )


def load_settings() -> LabelSettings:
    return LabelSettings.load(PREFIX)


def store_settings() -> StoreSettings:
    return StoreSettings.load(f"{PREFIX}STORE_")
