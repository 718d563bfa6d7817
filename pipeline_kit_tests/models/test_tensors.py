from pathlib import Path

import numpy as np
from safetensors import safe_open

from pipeline_kit.models.tensors import write_tensors

METADATA = {name: f"of {name} \N{LATIN SMALL LETTER U WITH DIAERESIS}" for name in "fbadec"}


def test_the_same_is_the_same_bytes_and_is_read_back(tmp_path: Path) -> None:
    arrays = {"small": np.arange(3, dtype=np.int64), "large": np.eye(5), "none": np.empty((0, 2))}
    written = set()
    for number in range(8):
        write_tensors(tmp_path / f"{number}", arrays, metadata=METADATA)
        written.add((tmp_path / f"{number}").read_bytes())
    assert len(written) == 1
    with safe_open(tmp_path / "0", framework="numpy") as file:
        assert file.metadata() == METADATA
        for name, array in arrays.items():
            found = file.get_tensor(name)
            assert found.dtype == array.dtype
            assert np.array_equal(found, array)
