import resource
import subprocess
import sys

import pytest

from pipeline_kit.machine.rlimits import limit_process

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has prlimit")

LIMIT = (
    "from pipeline_kit.machine.rlimits import limit_process\n"
    "limit_process(address_space=1 << 30, cpu_seconds=60, file_bytes=10)\n"
)


def limited(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", LIMIT + program], capture_output=True, text=True)


def test_a_process_gets_no_more_memory_than_it_may() -> None:
    assert "MemoryError" in limited("bytearray(2 << 30)").stderr


def test_a_process_writes_no_more_into_a_file_than_it_may(tmp_path: object) -> None:
    done = limited(f"open({str(tmp_path)!r} + '/a', 'wb', buffering=0).write(b'x' * 100)")
    assert done.returncode != 0 or "File too large" in done.stderr


def test_another_process_is_limited_from_outside_and_no_limit_is_raised() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        for most in (50, 90):
            limit_process(process.pid, address_space=1 << 40, cpu_seconds=most, file_bytes=0)
            soft, _ = resource.prlimit(process.pid, resource.RLIMIT_CPU)
            assert soft == most
        assert resource.prlimit(process.pid, resource.RLIMIT_CORE)[0] == 0
        process.kill()
