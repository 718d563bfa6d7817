from pathlib import Path

import pytest

from pipeline_kit.machine.cgroup import memory_limit, processors, threads

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
    ids=["no groups", "v2", "v1", "neighbor", "other version"],
)
def test_without_a_limit_it_is_the_machines_memory(tmp_path: Path, files: dict[str, str]) -> None:
    assert memory_limit(write(tmp_path, files)) == PHYSICAL
    assert PHYSICAL > GIB


CPU_V1 = "4:cpu,cpuacct:/kubepods/pod7/abc"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, 8),
        ({"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "max 100000"}, 8),
        ({"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "300000 100000"}, 3),
        ({"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "150000 100000"}, 2),
        ({"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "5000 100000"}, 1),
        ({"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "6400000 100000"}, 8),
        (
            {
                "proc/self/cgroup": V2,
                "sys/fs/cgroup/kubepods/pod7/cpu.max": "200000 100000",
                "sys/fs/cgroup/kubepods/pod7/abc/cpu.max": "max 100000",
            },
            2,
        ),
        (
            {
                "proc/self/cgroup": CPU_V1,
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "250000",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
            },
            3,
        ),
        (
            {
                "proc/self/cgroup": CPU_V1,
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
            },
            8,
        ),
    ],
    ids=[
        *("no groups", "no quota", "three", "one and a half", "a twentieth", "more than there are"),
        *("v2 parent", "v1 container", "v1 without a quota"),
    ],
)
def test_processors_are_those_of_the_container(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], expected: int
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: set(range(8)))
    assert processors(write(tmp_path, files)) == expected


@pytest.mark.parametrize(
    ("said", "meant"),
    [("1", 1), ("1,4", 1), ("999", processors()), ("0", 1), ("many", processors())],
)
def test_fewer_threads_than_processors_may_be_asked_for(
    monkeypatch: pytest.MonkeyPatch, said: str, meant: int
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", said)
    assert threads() == meant


def test_there_are_as_many_threads_as_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert threads() == processors()
