import os
from multiprocessing import get_context
from typing import Any

from pipeline_kit.machine.priority import LEAST, give_way


def tell_priority(answers: Any) -> None:
    give_way()
    answers.put(os.nice(0))


def test_the_process_of_a_run_gives_way_and_no_other() -> None:
    before = os.nice(0)
    give_way()
    assert os.nice(0) == before
    spawn = get_context("spawn")
    answers = spawn.Queue()
    process = spawn.Process(target=tell_priority, args=(answers,))
    process.start()
    assert answers.get(timeout=60) == LEAST
    process.join()
