import os
import subprocess
import sys

import pytest

from style_pipeline.partitions import video_chunks


@pytest.mark.parametrize(
    ("settings", "slots"),
    [
        ({}, "16 240 015"),
        ({"MAX_CHUNKS": "3", "MIN_FRAMES": "4"}, "3 4 002"),
        ({"MAX_CHUNKS": "1", "MIN_FRAMES": "1"}, "1 1 000"),
        ({"MAX_CHUNKS": "1000", "MIN_FRAMES": ""}, "1000 240 999"),
    ],
)
def test_there_are_as_many_slots_as_the_environment_says(
    settings: dict[str, str], slots: str
) -> None:
    program = (
        "from style_pipeline.partitions import MAX_CHUNKS, MIN_FRAMES, chunks; "
        "print(MAX_CHUNKS, MIN_FRAMES, *chunks.get_partition_keys()[-1:])"
    )
    clean = {name: value for name, value in os.environ.items() if "STYLE_PIPELINE" not in name}
    variables = {f"STYLE_PIPELINE_{name}": value for name, value in settings.items()}
    command = [sys.executable, "-c", program]
    assert subprocess.check_output(command, env=clean | variables, text=True).strip() == slots


def test_a_chunk_s_key_reads_video_then_slot() -> None:
    assert video_chunks.partition_dimension_names == ["video", "video_chunk"]
