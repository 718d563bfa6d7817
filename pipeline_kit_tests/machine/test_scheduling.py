import os
import subprocess
import sys
from threading import Event, Thread

import pytest

from pipeline_kit.machine.scheduling import scheduling_kept


def _real_time() -> None:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))


def _may_be_real_time() -> bool:
    program = "import os; os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))"
    return not subprocess.run([sys.executable, "-c", program], stderr=subprocess.DEVNULL).returncode


@pytest.mark.skipif(not _may_be_real_time(), reason="this user may not ask for real time")
def test_real_time_ends_with_the_block_for_this_thread_and_those_begun_in_it() -> None:
    begun, over = Event(), Event()
    policies = []

    def work() -> None:
        _real_time()
        begun.set()
        over.wait()
        policies.append(os.sched_getscheduler(0))

    thread = Thread(target=work)
    with scheduling_kept():
        thread.start()
        begun.wait()
        _real_time()
        assert os.sched_getscheduler(0) == os.SCHED_FIFO
    policies.append(os.sched_getscheduler(0))
    over.set()
    thread.join()
    assert policies == [os.SCHED_OTHER, os.SCHED_OTHER]
