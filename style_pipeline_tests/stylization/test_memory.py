from pathlib import Path

import pytest
import torch

from style_pipeline.stylization.memory import memory_limit, painting_budget

PHYSICAL = memory_limit(Path("/nowhere"))
GIB = 2**30


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text + "\n")
    return root


V1 = "9:name=systemd:/\n4:cpu,memory:/kubepods/pod7/abc\n0::/"
V2 = "0::/kubepods/pod7/abc"


@pytest.mark.parametrize(
    "files",
    [
        {"proc/self/cgroup": V1, "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{GIB}"},
        {"proc/self/cgroup": "0::/", "sys/fs/cgroup/memory.max": f"{GIB}"},
        {
            "proc/self/cgroup": V1,
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
            "sys/fs/cgroup/memory/kubepods/pod7/abc/memory.limit_in_bytes": f"{GIB}",
        },
        {
            "proc/self/cgroup": V2,
            "sys/fs/cgroup/kubepods/pod7/memory.max": f"{GIB}",
            "sys/fs/cgroup/kubepods/pod7/abc/memory.max": f"{2 * GIB}",
        },
        {
            "proc/self/cgroup": V2,
            "sys/fs/cgroup/kubepods/pod7/memory.max": "max",
            "sys/fs/cgroup/kubepods/pod7/abc/memory.max": f"{GIB}",
        },
    ],
    ids=["v1 container", "v2 container", "v1 host", "v2 parent", "v2 host"],
)
def test_the_limit_is_that_of_the_container(tmp_path: Path, files: dict[str, str]) -> None:
    assert memory_limit(write(tmp_path, files)) == GIB


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"proc/self/cgroup": "0::/", "sys/fs/cgroup/memory.max": "max"},
        {
            "proc/self/cgroup": V1,
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
        },
        # Another group's limit, and one of the other version.
        {"proc/self/cgroup": V2, "sys/fs/cgroup/kubepods/pod8/memory.max": "1000"},
        {"proc/self/cgroup": V2, "sys/fs/cgroup/memory/memory.limit_in_bytes": "1000"},
    ],
    ids=["no groups", "v2", "v1", "neighbour", "other version"],
)
def test_without_a_limit_it_is_the_machines_memory(tmp_path: Path, files: dict[str, str]) -> None:
    assert memory_limit(write(tmp_path, files)) == PHYSICAL
    assert PHYSICAL > GIB


def test_painting_leaves_memory_for_the_rest() -> None:
    limit = memory_limit()
    assert limit / 4 < painting_budget(torch.device("cpu")) < limit * 3 / 4
