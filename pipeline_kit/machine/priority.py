"""Which of several processes on one machine goes first."""

import os
from multiprocessing import parent_process
from typing import Final

LEAST: Final = 19
"""Beside a process of usual priority it has a sixtieth of a core."""


def give_way() -> None:
    """Let all other processes go first, and take what they leave; threads that begin later do, too.

    Only in a process that does nothing else, as a run has on a single machine: there is no way
    back. A pod has what it asked for.
    """
    if parent_process() is not None:
        os.nice(LEAST)
