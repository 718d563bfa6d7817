"""Tags, time codes and chapters of a file as a whole."""

from pathlib import Path
from typing import Any

import av
import pytest

from style_pipeline_tests.clips import AAC, H264, ffmpeg, moving, plain, tone
from style_pipeline_tests.media.films import Film, make_film

APPLE = {
    "com.apple.quicktime.make": "Apple",
    "com.apple.quicktime.location.ISO6709": "+48.1+011.5+500/",
}
METADATA = """;FFMETADATA1
title=The film
creation_time=2024-05-06T07:08:09.000000Z
{tags}
[CHAPTER]
TIMEBASE=1/1000
START=0
END=500
title=Dawn\\; at 5\\=00
[CHAPTER]
TIMEBASE=1/1000
START=500
END=60000
title=Dusk
[CHAPTER]
TIMEBASE=1/1000
START=60000
END=61000
title=Never
"""


def film_of(name: str, folder: Path, *arguments: str) -> Film:
    written = "\n".join(f"{tag}={value}" for tag, value in {**APPLE, "my.own": "hello"}.items())
    (folder / "tags.txt").write_text(METADATA.format(tags=written))
    inputs = [*moving(), *tone(0.96), "-i", str(folder / "tags.txt")]
    maps = ["-map", "0", "-map", "1", "-map_metadata", "2", "-map_chapters", "2"]
    source = folder / name
    ffmpeg(*inputs, *maps, *H264, *AAC, *arguments, source)
    return make_film(source, folder / "film")


def told(path: Path) -> tuple[dict[str, str], list[Any]]:
    with av.open(str(path)) as container:
        tags = {name.lower(): value for name, value in container.metadata.items()}
        return tags, container.chapters()


@pytest.mark.parametrize("name", ["a.mov", "a.mp4", "a.mkv"])
def test_custom_tags_and_the_time_of_recording_are_kept(name: str, tmp_path: Path) -> None:
    named = ["-movflags", "use_metadata_tags"] if name != "a.mkv" else []
    film = film_of(name, tmp_path, *named)
    assert film.wrong() == []
    tags, _ = told(film.path)
    expected = {tag.lower(): value for tag, value in APPLE.items()}
    expected |= {"title": "The film", "creation_time": "2024-05-06T07:08:09.000000Z"}
    assert expected.items() <= tags.items()
    assert tags["my.own"] == "hello"
    assert tags["major_brand"] == "isom"


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_chapter_beyond_the_end_does_not_make_a_film_longer(name: str, tmp_path: Path) -> None:
    film = film_of(name, tmp_path)
    _, chapters = told(film.path)
    assert [chapter["metadata"]["title"] for chapter in chapters] == ["Dawn; at 5=00", "Dusk"]
    ends = [float(chapter["end"] * chapter["time_base"]) for chapter in chapters]
    assert ends == pytest.approx([0.5, 0.96], abs=0.001)


def test_a_time_code_is_written_again(tmp_path: Path) -> None:
    source = plain("a.mov", *H264, "-timecode", "01:02:03:04")(tmp_path)
    film = make_film(source, tmp_path / "film")
    assert film.plan.left_out == ()
    with av.open(str(film.path)) as container:
        assert container.streams.video[0].metadata["timecode"] == "01:02:03:04"
