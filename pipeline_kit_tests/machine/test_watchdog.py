import subprocess
import sys
import textwrap

STANDING_STILL = {
    "waiting for another thread": "import threading\nthreading.Event().wait(60)",
    # PyDLL keeps the lock that ctypes usually gives away.
    "holding the interpreter's lock": "import ctypes\nctypes.PyDLL(None).sleep(60)",
}


def work(program: str) -> subprocess.CompletedProcess[str]:
    """A process that works, and says 'done' where it comes to that."""
    lines = [
        "import time",
        "from pipeline_kit.machine.watchdog import ended_when_stalled",
        "with ended_when_stalled(2.0) as heartbeat:",
        textwrap.indent(program, "    "),
        "time.sleep(2.5)",
        "print('done')",
    ]
    return subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, timeout=50
    )


def test_what_stands_still_is_ended_and_says_where() -> None:
    for what, program in STANDING_STILL.items():
        ended = work(f"def painting():\n{textwrap.indent(program, '    ')}\npainting()")
        assert ended.returncode == 1, what
        assert "Timeout" in ended.stderr
        assert "in painting" in ended.stderr
        assert "done" not in ended.stdout


def test_what_goes_on_is_left_alone_and_so_is_what_comes_after() -> None:
    ended = work("for _ in range(50):\n    time.sleep(0.05)\n    heartbeat()")
    assert (ended.returncode, ended.stdout) == (0, "done\n"), ended.stderr
