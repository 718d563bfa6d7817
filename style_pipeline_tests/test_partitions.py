import os
import subprocess
import sys

import pytest

from style_pipeline.object_names import Style, Video
from style_pipeline.partitions import video_chunks


def partitions_with(**settings: str) -> subprocess.CompletedProcess[str]:
    """What a process with these settings makes of the partitions."""
    program = (
        "from style_pipeline.partitions import MAX_CHUNKS, MIN_FRAMES, chunks; "
        "print(MAX_CHUNKS, MIN_FRAMES, *chunks.get_partition_keys()[-1:])"
    )
    clean = {name: value for name, value in os.environ.items() if "STYLE_PIPELINE" not in name}
    variables = {f"STYLE_PIPELINE_{name}": value for name, value in settings.items()}
    return subprocess.run(
        [sys.executable, "-c", program], env=clean | variables, capture_output=True, text=True
    )


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
    done = partitions_with(**settings)
    assert (done.returncode, done.stdout.strip()) == (0, slots)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("MAX_CHUNKS", "0", "1 to 1000"),
        ("MAX_CHUNKS", "1001", "1 to 1000"),
        ("MAX_CHUNKS", "many", "1 to 1000"),
        ("MIN_FRAMES", "x", "1 to 1000000"),
        ("MIN_FRAMES", "-4", "1 to 1000000"),
    ],
)
def test_a_number_of_slots_that_cannot_be_is_named_with_what_can(
    name: str, value: str, allowed: str
) -> None:
    done = partitions_with(**{name: value})
    assert done.returncode
    assert done.stderr.splitlines()[-1].endswith(
        f"BadSetting: STYLE_PIPELINE_{name}='{value}' should be a whole number from {allowed}"
    )


def test_a_chunk_s_key_reads_video_then_slot() -> None:
    assert video_chunks.partition_dimension_names == ["video", "video_chunk"]


def test_a_video_s_place_says_its_style_and_where_everything_is_kept() -> None:
    video = Video("brushwork/holiday/day 1.mp4")
    assert video.style == "brushwork"
    assert video.filename == "day 1.mp4"
    assert video.source == "videos/brushwork/holiday/day 1.mp4"
    assert video.index == "work/brushwork/holiday/day 1.mp4/frames.parquet"
    assert video.audio("m4a") == "work/brushwork/holiday/day 1.mp4/audio.m4a"
    assert video.segment(7) == "work/brushwork/holiday/day 1.mp4/segments/007.mp4"
    assert video.images("frames") == "images/frames/brushwork/holiday/day 1.mp4"
    assert video.contact_sheet == "styled/brushwork/holiday/day 1.mp4.jpg"


def test_a_style_says_where_everything_is_kept() -> None:
    style = Style("fresco")
    assert style.painting("jpg") == "styles/fresco.jpg"
    assert style.checkpoint == "training/fresco/checkpoint"
    assert style.model("abc") == "models/fresco/abc.safetensors"
    assert style.current_model == "models/fresco/current"


@pytest.mark.parametrize(
    ("key", "extension", "film"),
    [
        ("s/clip.mp4", "mp4", "styled/s/clip.mp4"),
        ("s/clip.mov", "mp4", "styled/s/clip.mov.mp4"),
        ("s/clip.mp4", "mkv", "styled/s/clip.mp4.mkv"),
        ("s/clip.mkv", "mkv", "styled/s/clip.mkv"),
        ("s/clip.MP4", "mp4", "styled/s/clip.MP4.mp4"),
        ("s/mp4", "mp4", "styled/s/mp4.mp4"),
        ("s/a.mp4/clip.avi", "mp4", "styled/s/a.mp4/clip.avi.mp4"),
    ],
)
def test_a_film_is_named_for_its_clip(key: str, extension: str, film: str) -> None:
    assert Video(key).film(extension) == film


def test_clips_that_differ_only_in_their_kind_have_films_of_their_own() -> None:
    clips = [Video(f"s/clip.{kind}") for kind in ("mp4", "mov", "mkv", "avi")]
    assert len({clip.film("mp4") for clip in clips}) == len(clips)
    assert len({clip.contact_sheet for clip in clips}) == len(clips)
