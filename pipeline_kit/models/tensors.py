"""Arrays in a safetensors file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy.typing as npt
from safetensors.numpy import save


def write_tensors(
    path: Path, arrays: Mapping[str, npt.NDArray[Any]], *, metadata: Mapping[str, str]
) -> None:
    """Write them so that the same arrays and metadata are the same bytes: models are named by
    their hash, and safetensors writes several metadata in another order each time."""
    data = save(dict(arrays), metadata=dict(metadata))
    end = 8 + int.from_bytes(data[:8], "little")
    header = json.dumps(json.loads(data[8:end]), sort_keys=True, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    path.write_bytes(len(header).to_bytes(8, "little") + header + data[end:])
