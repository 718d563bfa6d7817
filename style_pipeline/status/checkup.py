"""Whether this machine can make films, and what to do where it cannot."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

from pipeline_kit.execution.pods import Pod, problem_for_dagster_k8s
from pipeline_kit.settings import BadSetting
from style_pipeline.settings import (
    PREFIX,
    GpuPod,
    check_settings,
    cpu_pod,
    gpu_pod,
    load_settings,
    setting_names,
)

GIB = 1 << 30
SCRATCH_GIB = 5
"""Free disk below which a long film may not fit: its source, its chunks and itself."""

NAMES = {"h264": "H.264", "hevc": "HEVC", "av1": "AV1"}

IN_A_POD = "KUBERNETES_SERVICE_HOST"
"""Kubernetes sets it. What a pod may write depends on what it is for."""


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """What was found of one thing, and what to do about it."""

    what: str
    level: Level
    found: str
    remedy: str = ""


def check_up(home: str | None) -> Iterator[Finding]:
    """Check everything; `home` is where the Dagster instance is, if anywhere."""
    problem = settings_problem() or pods_problem()
    yield problem or Finding("settings", Level.OK, "all can be used")
    if problem:
        return  # nothing else can be used either
    yield from unknown_settings()
    yield check_store("media")
    yield check_store("ops")
    yield check_device()
    yield check_ffmpeg()
    yield from check_encoders()
    yield check_scratch()
    yield check_dagster(home)


def settings_problem() -> Finding | None:
    """The first setting with a value that it cannot have."""
    try:
        check_settings()
    except BadSetting as error:
        return _cannot_be_used(str(error))
    return None


def pods_problem() -> Finding | None:
    """What dagster-k8s, where it is installed, does not understand of what pods ask for."""
    usual = (Pod(), GpuPod())
    # Its library takes seconds to import: what nobody set needs no check.
    pods = [pod for pod in (cpu_pod(), gpu_pod()) if pod not in usual and find_spec("dagster_k8s")]
    problems = filter(None, map(problem_for_dagster_k8s, pods))
    return next(map(_cannot_be_used, problems), None)


def _cannot_be_used(reason: str) -> Finding:
    return Finding("settings", Level.PROBLEM, reason, "change it in .env or unset it")


def unknown_settings() -> Iterator[Finding]:
    """Variables that nothing reads: most likely misspelled."""
    known = setting_names()
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            there = f"there are {', '.join(known)}"
            yield Finding("settings", Level.WARNING, f"there is no {name}", there)


def check_store(name: str) -> Finding:
    """Write, read, list and delete a small object; a folder that is to come is left to come."""
    from pipeline_kit.storage.backends import folder_to_come
    from pipeline_kit.storage.objects import StoreError
    from style_pipeline.resources.settings import store

    what, setting = f"{name} store", f"{PREFIX}{name.upper()}_URL"
    enter = f"check {setting} and who may enter"
    probe = f".doctor-{uuid4().hex}"
    wanted = store(name.upper())
    if folder := folder_to_come(wanted.url):
        above = next(parent for parent in folder.parents if parent.exists())
        if not os.access(above, os.W_OK | os.X_OK):
            found = f"{folder} is not there, and cannot be created in {above}"
            return Finding(what, Level.PROBLEM, found, f"create it, or set {setting}")
        return Finding(what, Level.OK, f"{folder} is not there yet, and is created when needed")
    try:
        # Of all that lies there only what is below the probe, which is nothing.
        empty = not wanted.list(probe)
    except StoreError as error:
        return Finding(what, Level.PROBLEM, str(error), enter)
    try:
        wanted.write(probe, b"probe")
        try:
            whole = empty and wanted.read(probe) == b"probe"
        finally:
            wanted.delete(probe)
    except StoreError as error:
        if IN_A_POD not in os.environ:
            return Finding(what, Level.PROBLEM, str(error), enter)
        remedy = "right for a pod that does not write there: docs/deployment.md has a table"
        return Finding(what, Level.WARNING, f"it can be listed, but {error}", remedy)
    if not whole:
        return Finding(what, Level.PROBLEM, f"{wanted.url} loses objects", f"check {setting}")
    return Finding(what, Level.OK, f"{wanted.url} can be listed, read and written")


def check_device() -> Finding:
    """The device that chunks are stylized on. PyTorch, which takes seconds to import, is asked only
    where there is a driver."""
    if not find_spec("torch"):
        found = "there is no PyTorch here: chunks are stylized on the CPU, and no style is trained"
        return Finding("GPU", Level.WARNING, found, "install torch and torchvision")

    from style_pipeline.resources.device import NO_GPU
    from style_pipeline.stylization.device import device_name, has_gpu

    wanted = load_settings().device
    if wanted == "cpu":
        return Finding("GPU", Level.OK, "none is wanted: STYLE_PIPELINE_DEVICE is cpu")
    if has_gpu():
        import torch

        memory = torch.cuda.get_device_properties(0).total_memory / GIB
        return Finding("GPU", Level.OK, f"{torch.cuda.get_device_name(0)}, {memory:.0f} GiB")
    remedy = "set auto or cpu" if wanted == "cuda" else "chunks are stylized on the CPU: it is slow"
    if shutil.which("nvidia-smi"):
        import torch

        remedy = "there is a driver: install a PyTorch that is built for CUDA"
        if built := torch.version.cuda:
            remedy = f"update the driver: this PyTorch is built for CUDA {built}"
    if wanted == "cuda":
        return Finding("GPU", Level.PROBLEM, NO_GPU, remedy)
    return Finding("GPU", Level.WARNING, f"none: {device_name('cpu')}", remedy)


def check_ffmpeg() -> Finding:
    """The binary that copies tracks and joins films."""
    import imageio_ffmpeg

    try:
        binary = imageio_ffmpeg.get_ffmpeg_exe()
        said = subprocess.check_output(
            [binary, "-version"], text=True, timeout=60, stderr=subprocess.DEVNULL
        )
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        found = f"it does not run: {str(error).splitlines()[0]}"
        remedy = "install imageio-ffmpeg again, or set IMAGEIO_FFMPEG_EXE to an ffmpeg that runs"
        return Finding("ffmpeg", Level.PROBLEM, found, remedy)
    return Finding("ffmpeg", Level.OK, f"{' '.join(said.split()[:3])} ({binary})")


def check_encoders() -> Iterator[Finding]:
    """The codecs that films may be encoded with: all need the first one, the others few."""
    import av

    from style_pipeline.media.encoding import ENCODERS, missing_encoder

    for codec, encoder in ENCODERS.items():
        name = NAMES[codec]
        if missing := missing_encoder(codec):
            level = Level.PROBLEM if codec == "h264" else Level.WARNING
            yield Finding(name, level, missing, "install the wheel of av from PyPI")
        else:
            yield Finding(name, Level.OK, f"{encoder} of PyAV {av.__version__}")


def check_scratch() -> Finding:
    """Where films are worked on."""
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free / GIB
    found = f"{free:.0f} GiB free in {folder}"
    if free < SCRATCH_GIB:
        return Finding("scratch", Level.WARNING, found, "free some, or set TMPDIR to a larger disk")
    return Finding("scratch", Level.OK, found)


def check_dagster(home: str | None) -> Finding:
    """The instance, and whether a daemon works on it."""
    if home is None:
        remedy = "run it where `make dev` runs, or set DAGSTER_HOME"
        return Finding("Dagster", Level.WARNING, "there is no instance here", remedy)
    if not Path(home).is_dir():
        return Finding("Dagster", Level.PROBLEM, f"DAGSTER_HOME={home} is no folder", "create it")
    from dagster import DagsterError, DagsterInstance

    from pipeline_kit.orchestration.dagster_private import InstanceRef
    from style_pipeline.status.recorded import daemon_is_alive

    try:
        # Its databases, where they are files, are created by whoever opens it first.
        storage = InstanceRef.from_dir(home).run_storage_data
        database = storage.config_dict.get("base_dir") if storage else None
        alive = False
        if database is None or Path(database).is_dir():
            with DagsterInstance.from_config(home) as instance:
                alive = daemon_is_alive(instance)
    except DagsterError as error:
        reason = str(error).strip().splitlines()[0]
        return Finding("Dagster", Level.PROBLEM, reason, f"fix {home}/dagster.yaml")
    if not alive:
        found = f"no daemon runs on {home}: nothing that is dropped is taken"
        return Finding("Dagster", Level.WARNING, found, "start `make dev`")
    return Finding("Dagster", Level.OK, f"a daemon runs on {home}")
