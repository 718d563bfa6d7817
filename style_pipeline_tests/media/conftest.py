from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from style_pipeline_tests.clips import CLIPS, CONVERTED

Clips = Callable[[str], Path]


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    """Clips by name, each made once."""
    makers = CLIPS | CONVERTED

    @cache
    def make(name: str) -> Path:
        return makers[name](tmp_path_factory.mktemp(name))

    return make
