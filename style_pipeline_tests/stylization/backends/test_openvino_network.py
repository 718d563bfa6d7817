import os
import subprocess
import sys

import pytest

from style_pipeline.stylization.backends.openvino_network import CompiledNetwork
from style_pipeline_tests.stylization.stylizing import BT709, untrained

PROGRAM = """
import sys
from threading import Barrier, Thread

import openvino as ov

from style_pipeline.stylization.color import Color
from style_pipeline.stylization.backends.openvino_network import CompiledNetwork
from style_pipeline.stylization.model_file import load_model
from style_pipeline.styles import shipped_styles

network = load_model(next(iter(shipped_styles().values()))).network
color = Color(matrix="bt709", full_range=False)
CompiledNetwork(network, (64, 48), color, threads=1, memory=10**10)
sys.setswitchinterval(1e-5)
begin = Barrier(8)

def begin_to_stylize():
    begin.wait()
    ov.Type.u8.to_dtype()

for _ in range(8):
    Thread(target=begin_to_stylize).start()
"""


def test_threads_may_begin_to_stylize_at_once() -> None:
    # Each process has one chance to stand still, and about every other would take it.
    alone = {**os.environ, "XDG_CACHE_HOME": "/proc"}  # where no cache can be
    running = [subprocess.Popen([sys.executable, "-c", PROGRAM], env=alone) for _ in range(4)]
    try:
        assert [process.wait(120) for process in running] == [0] * 4
    finally:
        for process in running:
            process.kill()
            process.wait()


def test_as_many_pictures_are_stylized_at_once_as_fit_into_memory() -> None:
    def at_once(memory: int) -> int:
        return CompiledNetwork(untrained(), (64, 48), BT709, threads=2, memory=memory).at_once

    assert at_once(10**9) == 2
    with pytest.raises(
        MemoryError, match=r"(\d+) bytes to stylize a picture of \(64, 48\)"
    ) as raised:
        at_once(1)
    each = int(str(raised.value).split()[0])
    assert 64 * 48 * 50 < each < 64 * 48 * 500
    assert (at_once(each), at_once(2 * each - 1), at_once(2 * each)) == (1, 1, 2)
