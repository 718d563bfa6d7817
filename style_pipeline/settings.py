"""The settings of this pipeline: environment variables that begin with `STYLE_PIPELINE_`."""

from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode

from pipeline_kit.execution.pods import (
    Bytes,
    Cpus,
    Label,
    LabelValue,
    Pod,
    Toleration,
    from_json_or_toml,
)
from pipeline_kit.settings import Settings
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
    """All settings but those of the stores."""

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
    telemetry: str = Field(
        default="",
        pattern=r"^(https?://.+|InstrumentationKey=.+)?$",
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
    cpu_pod: Annotated[Pod, NoDecode, BeforeValidator(from_json_or_toml)] = Field(
        default=Pod(),
        description="in Kubernetes, what pods without a GPU ask for: JSON or TOML, see "
        "docs/deployment.md",
    )
    gpu_pod: Annotated[GpuPod, NoDecode, BeforeValidator(from_json_or_toml)] = Field(
        default=GpuPod(), description="the same of chunks and trainings"
    )


def load_settings() -> PipelineSettings:
    """What the environment says. Raises `BadSetting` naming the variable that is wrong."""
    check_no_old_names(PREFIX)
    return PipelineSettings.load(PREFIX)


def store_settings(name: str) -> StoreSettings:
    """The settings of one of `STORES`."""
    return StoreSettings.load(f"{PREFIX}{name}_")


def setting_names() -> list[str]:
    """The variables that are read."""
    prefixes = [f"{PREFIX}{name}_" for name in STORES]
    stores = [each for prefix in prefixes for each in StoreSettings.documented(prefix)]
    return [each.name for each in (*stores, *PipelineSettings.documented(PREFIX))]


def cpu_pod() -> Pod:
    """For what needs no GPU. Raises `BadSetting`."""
    return load_settings().cpu_pod


def gpu_pod() -> Pod:
    """For chunks and trainings. Raises `BadSetting`."""
    return load_settings().gpu_pod
