"""The settings of this pipeline: environment variables that begin with `SENSOR_PIPELINE_`."""

from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from pipeline_kit.execution.pods import (
    Bytes,
    Cpus,
    Label,
    LabelValue,
    Pod,
    PodSetting,
    Toleration,
)
from pipeline_kit.orchestration.notifications import NotificationSettings
from pipeline_kit.settings import Settings, TelemetrySetting, end_where_file_is_wrong
from pipeline_kit.storage.settings import StoreSettings
from sensor_pipeline.detection.events import Hysteresis
from sensor_pipeline.detection.features import FEATURES
from sensor_pipeline.detection.fit import Recipe
from sensor_pipeline.readings.names import utc_now
from sensor_pipeline.readings.rows import Fields
from sensor_pipeline.readings.windows import Aggregate

PREFIX: Final = "SENSOR_PIPELINE_"
STORES: Final = ("MEDIA", "OPS")
"""Each has the settings of `StoreSettings`, such as `SENSOR_PIPELINE_MEDIA_URL`."""


def _checked_day(value: str) -> str:
    """As ISO 8601 has it, or nothing."""
    if value and not 1970 <= (day := datetime.strptime(value, "%Y-%m-%d")).year < 9999:
        raise ValueError(f"{value} should be a day from 1970 on")
    return f"{day:%Y-%m-%d}" if value else ""


Day = Annotated[str, AfterValidator(_checked_day)]


class ShardPod(Pod):
    """What every pod of this pipeline asks for, unless it is set otherwise."""

    cpus: Cpus = "1"
    memory: Bytes = "8Gi"
    node_selector: dict[Label, LabelValue] = Field(default={"style-pipeline/pool": "sensors"})
    tolerations: tuple[Toleration, ...] = (
        Toleration(
            key="style-pipeline/pool", operator="Equal", value="sensors", effect="NoSchedule"
        ),
    )


class SensorSettings(Settings):
    """All settings but those of the stores and of notifications."""

    shards: int = Field(
        default=4, ge=1, le=256, description="that sensors are shared among: a run and pod each"
    )
    keep_days: int = Field(
        default=365,
        ge=1,
        le=3650,
        description="that hours are kept, in Dagster and in the stores; files in `readings/` stay",
    )
    first_day: Day = Field(
        default="",
        description="of the hours, such as 2026-01-01; without it, the month `KEEP_DAYS` ago",
    )
    last_day: Day = Field(
        default="", description="of the hours, for history; without it they go on"
    )
    window_seconds: int = Field(default=5, ge=1, le=3600, description="that a window is long")
    aggregate: Aggregate = Field(default="mean", description="what a window takes of its readings")
    time_field: str = Field(
        default="TS",
        min_length=1,
        description="the field of the time; `EnqueuedTimeUtc` is when the hub received it",
    )
    device_field: str = Field(default="Device", min_length=1, description="the field of the device")
    sensor_field: str = Field(default="Tag", min_length=1, description="the field of the sensor")
    value_field: str = Field(default="Value", min_length=1, description="the field of the value")
    wait_minutes: int = Field(
        default=10,
        ge=0,
        le=59,
        description="after an hour, in which files still count as its own; then it is scored",
    )
    poll_seconds: int = Field(
        default=30, ge=1, le=3600, description="between two polls for what changed"
    )
    train_days: int = Field(default=7, ge=1, le=90, description="that detectors learn from")
    features: str = Field(
        default="value", description=f"what detectors see, some of {', '.join(FEATURES)}"
    )
    nu: float = Field(default=Recipe.nu, gt=0, lt=1, description="of the one-class SVM")
    gamma: float = Field(default=Recipe.gamma, gt=0, le=1000, description="of its RBF kernel")
    threshold: float = Field(
        default=Recipe.threshold, gt=0, le=1000, description="a score from which on is flagged"
    )
    open_after: int = Field(
        default=1, ge=1, le=1000, description="flagged windows in a row that begin an event"
    )
    close_after: int = Field(
        default=100, ge=1, le=100_000, description="quiet windows in a row that end it"
    )
    telemetry: TelemetrySetting = Field(
        default="",
        description="where each step is reported as a span, as in the style pipeline",
    )
    pod: PodSetting[ShardPod] = Field(
        default=ShardPod(), description="in Kubernetes, what pods ask for: JSON or TOML"
    )

    @field_validator("features")
    @classmethod
    def _known(cls, value: str) -> str:
        names = [name.strip() for name in value.split(",")]
        if set(names) - set(FEATURES) or len(set(names)) < len(names):
            raise ValueError(f"{value!r} should be some of {', '.join(FEATURES)}, each once")
        return ",".join(names)

    @field_validator("window_seconds")
    @classmethod
    def _divides_an_hour(cls, value: int) -> int:
        if 3600 % value:
            raise ValueError(f"{value} does not divide an hour: take 1, 5, 10, 60 or the like")
        return value

    @field_validator("last_day")
    @classmethod
    def _in_order(cls, value: str, info: ValidationInfo) -> str:
        if value and {"first_day", "keep_days"} <= info.data.keys():
            first = _first_hour(info.data["first_day"], info.data["keep_days"])
            if datetime.fromisoformat(value) < first:
                raise ValueError(f"{value} is before the first, {first:%Y-%m-%d}: set FIRST_DAY")
        return value

    @property
    def fields(self) -> Fields:
        return Fields(
            time=self.time_field,
            device=self.device_field,
            sensor=self.sensor_field,
            value=self.value_field,
        )

    @property
    def recipe(self) -> Recipe:
        return Recipe(
            features=tuple(self.features.split(",")),
            nu=self.nu,
            gamma=self.gamma,
            threshold=self.threshold,
        )

    @property
    def hysteresis(self) -> Hysteresis:
        return Hysteresis(open_after=self.open_after, close_after=self.close_after)

    @property
    def window(self) -> timedelta:
        return timedelta(seconds=self.window_seconds)

    @property
    def wait(self) -> timedelta:
        return timedelta(minutes=self.wait_minutes)

    @property
    def first_hour(self) -> datetime:
        """Of all hours; by itself it moves once a month."""
        return _first_hour(self.first_day, self.keep_days)

    @property
    def after_last_hour(self) -> datetime | None:
        if not self.last_day:
            return None
        return datetime.fromisoformat(self.last_day) + timedelta(days=1)


def _first_hour(first_day: str, keep_days: int) -> datetime:
    if first_day:
        return datetime.fromisoformat(first_day)
    kept_from = utc_now() - timedelta(days=keep_days)
    return kept_from.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def load_settings() -> SensorSettings:
    """What the environment says. Raises `BadSetting` naming the variable that is wrong."""
    return SensorSettings.load(PREFIX)


def notification_settings() -> NotificationSettings:
    """Who is told of anomalies and failures. Raises `BadSetting`."""
    return NotificationSettings.load(PREFIX)


def check_settings() -> None:
    """Raises `BadSetting` naming the first variable that is wrong, whoever reads it."""
    load_settings()
    notification_settings()
    for name in STORES:
        StoreSettings.load(f"{PREFIX}{name}_")


def setting_names() -> list[str]:
    """The variables that are read."""
    stores = [each for name in STORES for each in StoreSettings.documented(f"{PREFIX}{name}_")]
    own = [*SensorSettings.documented(PREFIX), *NotificationSettings.documented(PREFIX)]
    return [each.name for each in (*stores, *own)]


if __name__ == "__main__":
    end_where_file_is_wrong(check_settings)
