"""The file of detectors: arrays and names, never code. docs/sensors.md documents it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import numpy as np
from pydantic import BaseModel, Json, StringConstraints, ValidationError
from safetensors import SafetensorError, safe_open

from pipeline_kit.errors import UnusableInput
from pipeline_kit.models.tensors import write_tensors
from sensor_pipeline.detection.detectors import FITTED, Detector, Detectors
from sensor_pipeline.detection.features import FEATURES, Array

FORMAT: Final = "sensor-detectors-1"


Name = Annotated[str, StringConstraints(min_length=1)]


class _About(BaseModel):
    """The metadata of the file."""

    sensors: Json[list[tuple[Name, Name]]]
    features: Json[tuple[Name, ...]]
    origins: Json[list[Literal["fitted", "imported"]]] = []


class BadDetectors(UnusableInput):
    """A file holds no detectors, or not as it should."""


def save_detectors(path: Path, detectors: Detectors) -> None:
    """Write them, ordered by name: the same detectors are the same bytes."""
    each = [detectors.by_sensor[name] for name in sorted(detectors.by_sensor)]
    width = len(detectors.features)
    lengths = [len(one.coefficients) for one in each]
    # Of no detectors, arrays of the right width.
    arrays: dict[str, Array] = {
        "mean": np.array([one.mean for one in each]).reshape(-1, width),
        "scale": np.array([one.scale for one in each]).reshape(-1, width),
        "gamma": np.array([one.gamma for one in each]),
        "intercept": np.array([one.intercept for one in each]),
        "threshold": np.array([one.threshold for one in each]),
        "vectors": np.concatenate([np.empty((0, width)), *(one.vectors for one in each)]),
        "coefficients": np.concatenate([np.empty(0), *(one.coefficients for one in each)]),
    }
    stored: dict[str, Any] = {**arrays, "counts": np.array(lengths, dtype=np.int64)}
    write_tensors(
        path,
        stored,
        metadata={
            "format": FORMAT,
            "features": json.dumps(detectors.features),
            "sensors": json.dumps([[one.device, one.sensor] for one in each]),
            "origins": json.dumps([one.origin for one in each]),
        },
    )


def load_detectors(path: Path, *, origin: str = "") -> Detectors:
    """The detectors of a file; `origin` replaces what it says of where they are from.

    Raises `BadDetectors`, whose line does not name the file.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            about = file.metadata() or {}
            arrays = {name: np.asarray(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118
        for name, array in arrays.items():
            if array.dtype.kind not in "fiu":  # which other libraries may have taught NumPy
                raise TypeError(f"{name} is of {array.dtype}")
    # The last of types of numbers that NumPy has not.
    except (SafetensorError, OSError, ValueError, TypeError, AttributeError) as error:
        raise BadDetectors(f"it is no safetensors file ({error})") from None
    if about.get("format") != FORMAT:
        raise BadDetectors(f"its format is {about.get('format')!r} and should be {FORMAT!r}")
    try:
        known = _About.model_validate(about)
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        place = ".".join(map(str, wrong["loc"]))
        raise BadDetectors(f"{place} of its metadata: {wrong['msg']}") from None
    names, seen = known.sensors, known.features
    origins: Sequence[str] = known.origins or [FITTED] * len(names)
    origins = [origin] * len(names) if origin else origins
    _check(arrays, names, seen, origins)
    bounds = np.concatenate([[0], np.cumsum(arrays["counts"])])
    return Detectors.of(
        seen,
        (
            Detector(
                device=device,
                sensor=sensor,
                origin=origins[i],
                gamma=float(arrays["gamma"][i]),
                intercept=float(arrays["intercept"][i]),
                threshold=float(arrays["threshold"][i]),
                mean=arrays["mean"][i],
                scale=arrays["scale"][i],
                vectors=arrays["vectors"][bounds[i] : bounds[i + 1]],
                coefficients=arrays["coefficients"][bounds[i] : bounds[i + 1]],
            )
            for i, (device, sensor) in enumerate(names)
        ),
    )


def _check(
    arrays: dict[str, Any],
    names: list[tuple[str, str]],
    seen: tuple[str, ...],
    origins: Sequence[str],
) -> None:
    if not seen or set(seen) - set(FEATURES) or len(set(seen)) < len(seen):
        raise BadDetectors(
            f"its features are {', '.join(seen) or 'none'}, and should be some of "
            f"{', '.join(FEATURES)}, each once"
        )
    if len(set(names)) < len(names) or len(origins) != len(names):
        raise BadDetectors("each sensor should be named once, with one origin")
    counts = arrays.get("counts")
    if counts is None or counts.dtype != np.int64 or counts.shape != (len(names),):
        raise BadDetectors(f"counts should be {len(names)} int64, one a sensor")
    if (counts < 1).any() or counts.sum() > 1 << 32:
        raise BadDetectors("each of counts should be at least 1")
    total, width = int(counts.sum()), len(seen)
    shapes = {
        **dict.fromkeys(("mean", "scale"), (len(names), width)),
        **dict.fromkeys(("gamma", "intercept", "threshold"), (len(names),)),
        "vectors": (total, width),
        "coefficients": (total,),
    }
    for name, shape in shapes.items():
        found = arrays.get(name)
        if found is None or found.dtype != np.float64 or found.shape != shape:
            raise BadDetectors(f"{name} should be float64 of shape {shape}")
        if not np.isfinite(found).all():
            raise BadDetectors(f"{name} holds what is no number")
    for name in ("scale", "gamma"):
        if (arrays[name] <= 0).any():
            raise BadDetectors(f"each of {name} should be above 0")
    if (arrays["intercept"] >= 0).any():
        raise BadDetectors("each intercept should be below 0, as one-class SVMs have it")
