"""The settings of this pipeline: environment variables that begin with `STYLE_PIPELINE_`."""

from typing import Final, Literal

from pydantic import Field

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
from style_pipeline.training.recipe import FitRecipe
from style_pipeline.upgrade import check_no_old_names

PREFIX: Final = "STYLE_PIPELINE_"
STORES: Final = ("MEDIA", "OPS", "LOGS")
"""Each has the settings of `StoreSettings`, such as `STYLE_PIPELINE_MEDIA_URL`."""

Device = Literal["auto", "cpu", "cuda"]
Preset = Literal[
    "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"
]


class GpuPod(Pod):
    """What a chunk or a training asks for, unless it is set otherwise: on AKS, a spot node."""

    cpus: Cpus = "2"
    memory: Bytes = "12Gi"
    gpus: int = Field(default=1, ge=1, le=16)
    node_selector: dict[Label, LabelValue] = Field(default={"style-pipeline/pool": "gpu"})
    tolerations: tuple[Toleration, ...] = (
        Toleration(key="nvidia.com/gpu"),
        Toleration(
            key="kubernetes.azure.com/scalesetpriority",
            operator="Equal",
            value="spot",
            effect="NoSchedule",
        ),
    )


class PipelineSettings(Settings):
    """All settings but those of the stores and of notifications."""

    device: Device = Field(
        default="auto", description="`cuda`, `cpu`, or `auto` for a GPU where there is one"
    )
    price_per_hour: float | None = Field(
        default=None,
        ge=0,
        le=1_000_000,
        allow_inf_nan=False,
        description="of the machine that stylizes one chunk at a time: chunks and films then say "
        "what they cost, in the same currency",
    )
    max_chunks: int = Field(
        default=16, ge=1, le=1000, description="chunks that a video is shared among, at most"
    )
    min_frames: int = Field(
        default=240,
        ge=1,
        le=1_000_000,
        description="frames of a chunk, at least: a worker costs seconds before its first",
    )
    poll_seconds: int = Field(
        default=5, ge=1, le=3600, description="between two polls of the dropped files"
    )
    telemetry: TelemetrySetting = Field(
        default="",
        description="where each step is reported as a span: the URL of an OTLP endpoint, or a "
        "connection string of Application Insights; needs the extra `telemetry`",
    )
    crf: int = Field(
        default=16,
        ge=0,
        le=51,
        description="quality of films: x264's constant rate factor; 0 is lossless, 16 looks it",
    )
    preset: Preset = Field(
        default="superfast",
        description="x264's preset, `ultrafast` to `veryslow`: speed against size",
    )
    photographs: str = Field(
        default="",
        description="what styles learn from, a folder, `file://` or `az://`; without it, frames of "
        "the videos",
    )
    perceptual_weights: str = Field(
        default="",
        description="VGG for training: `vgg19` (the default) or `vgg16`, which torchvision "
        "downloads, or a file or folder of weights",
    )
    training_iterations: int = Field(
        default=FitRecipe.iterations, ge=1, le=1_000_000, description="of a fit"
    )
    cpu_pod: PodSetting[Pod] = Field(
        default=Pod(),
        description="in Kubernetes, what pods without a GPU ask for: JSON or TOML, see "
        "docs/deployment.md",
    )
    gpu_pod: PodSetting[GpuPod] = Field(
        default=GpuPod(), description="the same of chunks and trainings"
    )


def load_settings() -> PipelineSettings:
    """What the environment says. Raises `BadSetting` naming the variable that is wrong."""
    check_no_old_names(PREFIX)
    return PipelineSettings.load(PREFIX)


def store_settings(name: str) -> StoreSettings:
    """The settings of one of `STORES`."""
    return StoreSettings.load(f"{PREFIX}{name}_")


def kind_of_media() -> str:
    """What the UI shows of the store `MEDIA`: a container or a folder."""
    is_container = store_settings("MEDIA").url.startswith("az://")
    return "azureblobstorage" if is_container else "file"


def notification_settings() -> NotificationSettings:
    """Who is told of films, styles and failures. Raises `BadSetting`."""
    return NotificationSettings.load(PREFIX)


def check_settings() -> None:
    """Raises `BadSetting` naming the first variable that is wrong, whoever reads it."""
    load_settings()
    notification_settings()
    for name in STORES:
        store_settings(name)


def setting_names() -> list[str]:
    """The variables that are read."""
    prefixes = [f"{PREFIX}{name}_" for name in STORES]
    stores = [each for prefix in prefixes for each in StoreSettings.documented(prefix)]
    own = [*PipelineSettings.documented(PREFIX), *NotificationSettings.documented(PREFIX)]
    return [each.name for each in (*stores, *own)]


def cpu_pod() -> Pod:
    """For what needs no GPU. Raises `BadSetting`."""
    return load_settings().cpu_pod


def gpu_pod() -> Pod:
    """For chunks and trainings. Raises `BadSetting`."""
    return load_settings().gpu_pod


if __name__ == "__main__":
    end_where_file_is_wrong(check_settings)
