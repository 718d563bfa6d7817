"""The settings of this pipeline: environment variables that begin with `FAQ_PIPELINE_`."""

from typing import Final

from pydantic import Field

from pipeline_kit.execution.pods import Pod, PodSetting
from pipeline_kit.orchestration.notifications import NotificationSettings, Notifier
from pipeline_kit.settings import Settings, TelemetrySetting, end_where_file_is_wrong
from pipeline_kit.storage.settings import StoreSettings

PREFIX: Final = "FAQ_PIPELINE_"
STORES: Final = ("MEDIA", "OPS")
"""Each has the settings of `StoreSettings`, such as `FAQ_PIPELINE_MEDIA_URL`."""


class FaqSettings(Settings):
    """All settings but those of the stores and of notifications."""

    least_accuracy: float = Field(
        default=0.8,
        ge=0,
        le=1,
        description="share of held-back questions whose entry is among the best three, at least, "
        "of a model that is published",
    )
    least_auroc: float = Field(
        default=0.8,
        ge=0,
        le=1,
        description="how well it tells questions that no entry answers: area under the ROC curve",
    )
    poll_seconds: int = Field(
        default=30, ge=1, le=3600, description="between two polls of the dropped files"
    )
    telemetry: TelemetrySetting = Field(
        default="",
        description="where each step is reported as a span, as in the style pipeline",
    )
    pod: PodSetting[Pod] = Field(
        default=Pod(cpus="1", memory="4Gi"),
        description="in Kubernetes, what pods ask for: JSON or TOML",
    )


def load_settings() -> FaqSettings:
    """What the environment says. Raises `BadSetting` naming the variable that is wrong."""
    return FaqSettings.load(PREFIX)


def notifier() -> Notifier:
    """Who is told of failures. Raises `BadSetting`."""
    return NotificationSettings.load(PREFIX).notifier()


def check_settings() -> None:
    """Raises `BadSetting` naming the first variable that is wrong, whoever reads it."""
    load_settings()
    notifier()
    for name in STORES:
        StoreSettings.load(f"{PREFIX}{name}_")


if __name__ == "__main__":
    end_where_file_is_wrong(check_settings)
