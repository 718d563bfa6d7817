from pathlib import Path

import av
import pytest

from style_pipeline.media.muxing import extract_audio, mux_film, write_sidecar
from style_pipeline_tests.clips import (
    H264,
    ffmpeg,
    with_bitmap_subtitles,
)
from style_pipeline_tests.media.films import make_film, packets
from style_pipeline_tests.media.test_tracks import SOUND, WITH_SOUND


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4"])
def test_pictures_of_text_go_beside_an_mp4_film(name: str, tmp_path: Path) -> None:
    film = make_film(with_bitmap_subtitles(name)(tmp_path), tmp_path / "film")
    assert film.wrong() == []
    assert (film.plan.left_out, [each.ending for each in film.plan.beside]) == ((), ["und.mks"])
    beside = tmp_path / "und.mks"
    write_sidecar(film.source, film.plan.beside[0], film.plan, beside)
    assert packets(beside, "s") == packets(film.source, "s")


@pytest.mark.parametrize("name", ["two_tracks", "wmv"])
def test_copying_and_muxing_again_give_the_same_film(name: str, tmp_path: Path) -> None:
    film = make_film(WITH_SOUND[name][0](tmp_path), tmp_path / "film")
    audio = tmp_path / f"audio.{film.plan.audio_extension}"
    again = tmp_path / f"film.{film.plan.film_extension}"
    extract_audio(film.source, film.plan, audio)
    mux_film(
        again,
        pictures=film.pictures,
        audio=audio,
        source=film.source,
        plan=film.plan,
        video=film.index.video,
    )
    if film.plan.container == "mp4":
        assert again.read_bytes() == film.path.read_bytes()
    # Matroska writes random identifiers.
    rows = [ffmpeg("-i", path, "-c", "copy", "-f", "framemd5", "-") for path in (again, film.path)]
    assert rows[0] == rows[1]


def test_fonts_stay_in_a_film_that_is_matroska_and_are_named_where_it_is_mp4(
    tmp_path: Path,
) -> None:
    font = tmp_path / "some.ttf"
    font.write_bytes(b"\0\1\0\0" + bytes(range(200)))
    attached = ["-attach", str(font), "-metadata:s:t", "mimetype=application/x-truetype-font"]
    for codec, kept in (("wmav2", True), ("aac", False)):
        source = tmp_path / f"{codec}.mkv"
        ffmpeg(*SOUND, *H264, "-c:a", codec, *attached, source)
        film = make_film(source, tmp_path / codec)
        assert film.wrong() == []
        with av.open(str(film.path)) as made:
            found = [stream.data for stream in made.streams.attachments]
        assert found == ([font.read_bytes()] if kept else [])
        assert ("attachment, some.ttf" in "".join(film.plan.left_out)) is not kept
