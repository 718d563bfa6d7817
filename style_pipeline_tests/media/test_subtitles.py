from collections.abc import Sequence
from pathlib import Path

import pytest

from style_pipeline.media.muxing import write_sidecar
from style_pipeline.media.subtitles import is_sidecar
from style_pipeline.media.tracks import plan_tracks
from style_pipeline_tests.clips import SRT, ffmpeg
from style_pipeline_tests.media.films import make_film
from style_pipeline_tests.real_files import subtitled

OVERLAPPING = (
    "1\n00:00:00,021 --> 00:00:01,521\nFirst.\n\n2\n00:00:00,521 --> 00:00:01,800\nSecond.\n"
)


PLACED = "1\n00:00:00,200 --> 00:00:00,600\n{\\an8}At the top.\n"


ASS = (
    "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize, "
    "Alignment\nStyle: Top,Comic Sans,20,8\n\n[Events]\nFormat: Layer, Start, End, Style, Name, "
    "MarginL, MarginR, MarginV, Effect, Text\n"
    "Dialogue: 0,0:00:00.10,0:00:01.00,Top,,0,0,0,,At the top\n"
    "Dialogue: 0,0:00:00.50,0:00:01.50,Nowhere,,0,0,0,,{\\pos(10,10)}Of an unknown style\n"
)


BESIDE: dict[str, tuple[Sequence[str], Sequence[str], Sequence[str], list[str]]] = {
    "overlapping": ([OVERLAPPING], ["srt"], ["eng"], ["en.srt"]),
    "placed": ([PLACED], ["srt"], ["por"], ["pt.srt"]),
    "ass": ([ASS], ["ass"], ["ger"], ["de.ass"]),
    "ass_of_no_language": ([ASS], ["ass"], ["und"], ["und.ass"]),
    "two_alike": ([ASS, ASS], ["ass", "ass"], ["fre", "fra"], ["fr.ass", "fr.2.ass"]),
    "one_of_two": ([SRT, OVERLAPPING], ["srt", "srt"], ["spa", "ita"], ["it.srt"]),
    "vtt": ([OVERLAPPING], ["webvtt"], ["swe"], ["sv.vtt"]),
}


@pytest.mark.parametrize("name", BESIDE)
def test_text_that_mp4_cannot_hold_goes_beside_the_film_unchanged(
    name: str, tmp_path: Path
) -> None:
    texts, codecs, languages, endings = BESIDE[name]
    source = subtitled("a.mkv", *texts, codecs=codecs, languages=languages)(tmp_path)
    film = make_film(source, tmp_path / "film")
    assert (film.plan.container, film.wrong()) == ("mp4", [])
    assert [sidecar.ending for sidecar in film.plan.beside] == endings
    assert len(film.plan.subtitles) == len(texts) - len(endings)
    assert film.plan.left_out == ()
    for sidecar in film.plan.beside:
        path = tmp_path / sidecar.ending
        write_sidecar(source, sidecar, film.plan, path)
        place = sidecar.track.index
        told = ffmpeg("-i", source, "-map", f"0:{place}", "-c", "copy", "-f", sidecar.format, "-")
        assert path.read_bytes() == told


def test_text_of_a_late_file_is_on_the_film_s_clock(tmp_path: Path) -> None:
    whole = subtitled("b.mkv", OVERLAPPING, codecs=["srt"], languages=["eng"])(tmp_path)
    late = tmp_path / "a.mkv"
    ffmpeg("-i", whole, "-c", "copy", "-map", "0", "-output_ts_offset", "5", late)
    plan = plan_tracks(late)
    write_sidecar(late, plan.beside[0], plan, tmp_path / "a.srt")
    assert "00:00:00,021 --> 00:00:01,521" in (tmp_path / "a.srt").read_text()


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        ("styled/x/clip.en.ass", True),
        ("styled/x/clip.de.forced.2.srt", True),
        ("styled/x/clip.mp4.en.ass", False),
        ("styled/x/clip.en.und.ass", False),
        ("styled/x/clipper.en.ass", False),
        ("styled/x/clip.en.mp4", False),
        ("styled/x/clip.ass", False),
    ],
)
def test_files_beside_a_film_are_known_by_their_names(name: str, beside: bool) -> None:
    assert is_sidecar(name, film="styled/x/clip.mp4") is beside
