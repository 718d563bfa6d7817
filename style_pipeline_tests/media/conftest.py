from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import torch

from style_pipeline.media.indexing import index_frames
from style_pipeline.media.video_format import VideoFormat
from style_pipeline_tests.clips import CLIPS, CONVERTED
from style_pipeline_tests.hdr_clips import HDR10

Clips = Callable[[str], Path]


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    """Clips by name, each made once."""
    makers = CLIPS | CONVERTED

    @cache
    def make(name: str) -> Path:
        return makers[name](tmp_path_factory.mktemp(name))

    return make


@pytest.fixture(scope="session")
def pq(tmp_path_factory: pytest.TempPathFactory) -> VideoFormat:
    """The format of a clip in HDR10."""
    return index_frames(HDR10(tmp_path_factory.mktemp("pq"))).video


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Threads that wait for each other on busy cores make tiny networks a hundred times slower."""
    torch.set_num_threads(1)
