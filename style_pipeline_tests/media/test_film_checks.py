from dataclasses import replace
from pathlib import Path
from shlex import split

import pytest

from style_pipeline.media.film_checks import CHECKS, check_numbers
from style_pipeline.media.indexing import index_frames
from style_pipeline_tests.clips import (
    AAC,
    H264,
    ffmpeg,
    moving,
    plain,
    tone,
    with_everything,
)
from style_pipeline_tests.media.films import Film, make_film

FRAMES, DURATION = "frames_match_the_index", "duration_matches_the_source"
AUDIO, SYNC, TRACKS = "audio_matches_the_source", "audio_is_in_sync", "tracks_are_complete"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    folder = tmp_path_factory.mktemp("film")
    return make_film(with_everything("a.mp4", *H264, *AAC, subtitles="mov_text")(folder), folder)


def spoiled(film: Film, path: Path, arguments: str) -> list[str]:
    """What the checks find wrong with a film that ffmpeg made from the good one."""
    ffmpeg(*(film.path if word == "FILM" else word for word in split(arguments)), path)
    return replace(film, path=path, made=index_frames(path)).wrong()


def test_every_check_is_made_once_and_a_good_film_passes(film: Film) -> None:
    findings = film.check()
    assert list(findings) == list(CHECKS)
    assert all(finding.passed and finding.description for finding in findings.values())


COPY = "-c copy -map_chapters -1"
FINE_TICKS = " -enc_time_base 1/12800 -video_track_timescale 12800"


def filtered(filters: str) -> str:
    tracks = "-map 0 -c copy -c:v libx264 -crf 0 -copyts -fps_mode passthrough"
    return f'-i FILM {tracks} -vf "{filters}"'


SPOILED = {
    "frame_missing": (filtered("select='not(eq(n,9))'"), [FRAMES]),
    "end_missing": (filtered("select='lt(n,20)'"), [FRAMES, DURATION]),
    "frame_at_another_time": (
        filtered("settb=1/12800,setpts='PTS+eq(N,9)*16'") + FINE_TICKS,
        [FRAMES],
    ),
    "slow_motion": (filtered("setpts=PTS*1.5"), [FRAMES, DURATION]),
    "pictures_late": (
        f"-itsoffset 0.02 -i FILM -i FILM -map 0:v -map 1:a -map 1:s {COPY}",
        [FRAMES],
    ),
    "one_audio": (f"-i FILM -map 0:v -map 0:a:0 -map 0:s {COPY}", [AUDIO, TRACKS]),
    "no_audio": (f"-i FILM -map 0:v -map 0:s {COPY}", [AUDIO, TRACKS]),
    "no_subtitles": (f"-i FILM -map 0:v -map 0:a {COPY}", [TRACKS]),
    "two_pictures": (f"-i FILM -map 0 -map 0:v {COPY}", [TRACKS]),
    "audio_swapped": (f"-i FILM -map 0:v -map 0:a:1 -map 0:a:0 -map 0:s {COPY}", [AUDIO]),
    "audio_late": (f"-i FILM -itsoffset 0.04 -i FILM -map 0:v -map 1:a -map 0:s {COPY}", [SYNC]),
    "audio_encoded_again": ("-i FILM -map 0 -c copy -c:a:1 aac -b:a:1 24k", [AUDIO]),
    "audio_ends_early": (
        f"-i FILM -t 0.5 -i FILM -map 0:v -map 1:a -map 0:s {COPY}",
        [AUDIO, SYNC],
    ),
}


@pytest.mark.parametrize("name", SPOILED)
def test_what_is_missing_added_or_at_another_time_is_found(
    name: str, film: Film, tmp_path: Path
) -> None:
    arguments, expected = SPOILED[name]
    assert spoiled(film, tmp_path / "a.mp4", arguments) == expected


@pytest.mark.parametrize("span", ["tv", "pc"])
def test_black_pictures_are_found(span: str, tmp_path: Path) -> None:
    levels = ["-vf", f"scale=out_range={span}", "-color_range", span]
    source = plain("a.mp4", *H264, *levels)(tmp_path)
    film = make_film(source, tmp_path / "film")
    black = filtered(f"lutyuv=y={16 if span == 'tv' else 0}:u=128:v=128")
    assert spoiled(film, tmp_path / "b.mp4", black) == ["picture_is_not_black"]


def test_a_black_source_may_stay_black(tmp_path: Path) -> None:
    black = ["-f", "lavfi", "-i", "color=black:size=64x48:duration=1"]
    source = plain("a.mp4", *H264, inputs=black)(tmp_path)
    assert make_film(source, tmp_path / "film").wrong() == []


def test_a_dark_painting_of_a_dark_source_is_no_black_picture(tmp_path: Path) -> None:
    source = plain("a.mp4", *H264, "-vf", "lutyuv=y=16+(val-16)*0.16")(tmp_path)
    film = make_film(source, tmp_path / "film")
    assert spoiled(film, tmp_path / "b.mp4", filtered("lutyuv=y=16+(val-16)*0.8")) == []


@pytest.mark.parametrize("rate", ["25", "60", "12"])
def test_a_nominal_rate_is_no_measure_of_the_last_frame_of_a_varying_one(
    rate: str, tmp_path: Path
) -> None:
    varying = ["-vf", "select='mod(n,4)-1-eq(n,48)'", "-fps_mode", "vfr"]
    inputs = moving(rate=rate, frames=50) + tone(2)
    source = plain("a.wmv", "-c:v", "msmpeg4", "-c:a", "wmav2", *varying, inputs=inputs)(tmp_path)
    film = make_film(source, tmp_path / "film", chunks=2)
    assert film.wrong() == [], film.check()


def test_a_film_that_lasts_much_longer_than_its_source_is_still_found(tmp_path: Path) -> None:
    film = make_film(plain("a.mp4", *H264)(tmp_path), tmp_path / "film")
    longer = tmp_path / "longer.mkv"
    last = "setts=duration='if(eq(N,23),DURATION*9,DURATION)'"
    ffmpeg("-i", film.path, "-c", "copy", "-bsf:v", last, longer)
    made = index_frames(longer)
    wrong = [
        f.name for f in check_numbers(longer, made, film.index, plan=film.plan) if not f.passed
    ]
    assert wrong == ["duration_matches_the_source"]
