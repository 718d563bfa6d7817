from dataclasses import replace
from pathlib import Path

import pytest

from style_pipeline.media.film_checks import CHECKS
from style_pipeline.media.indexing import index_frames
from style_pipeline_tests.clips import AAC, H264, ffmpeg, moving, with_everything
from style_pipeline_tests.media.films import Film, make_film

COPY = ["-c", "copy", "-map_chapters", "-1"]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    folder = tmp_path_factory.mktemp("film")
    return make_film(with_everything("a.mp4", *H264, *AAC, subtitles="mov_text")(folder), folder)


def spoiled(film: Film, path: Path, *arguments: str | Path) -> list[str]:
    """What the checks find wrong with a film that ffmpeg made from the good one."""
    ffmpeg(*arguments, path)
    return replace(film, path=path, made=index_frames(path)).wrong()


def test_every_check_is_made_once_and_a_good_film_passes(film: Film) -> None:
    findings = film.check()
    assert list(findings) == list(CHECKS)
    assert all(finding.passed and finding.description for finding in findings.values())


def re_encoded(film: Film, *filters: str) -> list[str | Path]:
    tracks = ["-map", "0", "-c", "copy", "-c:v", "libx264", "-crf", "0", "-copyts"]
    return ["-i", film.path, *tracks, "-fps_mode", "passthrough", "-vf", *filters]


def test_a_missing_frame_is_found(film: Film, tmp_path: Path) -> None:
    wrong = spoiled(film, tmp_path / "a.mp4", *re_encoded(film, "select='not(eq(n,9))'"))
    assert wrong == ["frames_match_the_index"]


def test_a_missing_end_is_found(film: Film, tmp_path: Path) -> None:
    wrong = spoiled(film, tmp_path / "a.mp4", *re_encoded(film, "select='lt(n,20)'"))
    assert wrong == ["frames_match_the_index", "duration_matches_the_source"]


def test_one_frame_at_another_time_is_found(film: Film, tmp_path: Path) -> None:
    late = "settb=1/12800,setpts='PTS+eq(N,9)*16'"
    wrong = spoiled(
        film,
        tmp_path / "a.mp4",
        *re_encoded(film, late),
        *["-enc_time_base", "1/12800", "-video_track_timescale", "12800"],
    )
    assert wrong == ["frames_match_the_index"]


def test_pictures_that_are_all_late_are_found(film: Film, tmp_path: Path) -> None:
    late = ["-itsoffset", "0.02", "-i", str(film.path), "-i", str(film.path)]
    tracks = ["-map", "0:v", "-map", "1:a", "-map", "1:s"]
    assert spoiled(film, tmp_path / "a.mp4", *late, *tracks, *COPY) == ["frames_match_the_index"]


def test_slow_motion_is_found(film: Film, tmp_path: Path) -> None:
    wrong = spoiled(film, tmp_path / "a.mp4", *re_encoded(film, "setpts=PTS*1.5"))
    assert wrong == ["frames_match_the_index", "duration_matches_the_source"]


@pytest.mark.parametrize(
    ("tracks", "expected"),
    [
        (
            ["-map", "0:v", "-map", "0:a:0", "-map", "0:s"],
            ["audio_matches_the_source", "tracks_are_complete"],
        ),
        (
            ["-map", "0:v", "-map", "0:s"],
            ["audio_matches_the_source", "tracks_are_complete"],
        ),
        (["-map", "0:v", "-map", "0:a"], ["tracks_are_complete"]),
        (["-map", "0", "-map", "0:v"], ["tracks_are_complete"]),
        (
            ["-map", "0:v", "-map", "0:a:1", "-map", "0:a:0", "-map", "0:s"],
            ["audio_matches_the_source"],
        ),
    ],
    ids=["one_audio", "no_audio", "no_subtitles", "two_pictures", "audio_swapped"],
)
def test_missing_added_or_swapped_tracks_are_found(
    tracks: list[str], expected: list[str], film: Film, tmp_path: Path
) -> None:
    assert spoiled(film, tmp_path / "a.mp4", "-i", film.path, *tracks, *COPY) == expected


def test_audio_that_is_late_is_found(film: Film, tmp_path: Path) -> None:
    late = ["-i", str(film.path), "-itsoffset", "0.04", "-i", str(film.path)]
    tracks = ["-map", "0:v", "-map", "1:a", "-map", "0:s"]
    assert spoiled(film, tmp_path / "a.mp4", *late, *tracks, *COPY) == ["audio_is_in_sync"]


def test_audio_that_was_encoded_again_is_found(film: Film, tmp_path: Path) -> None:
    again = ["-i", str(film.path), "-map", "0", "-c", "copy", "-c:a:1", "aac", "-b:a:1", "24k"]
    assert spoiled(film, tmp_path / "a.mp4", *again) == ["audio_matches_the_source"]


def test_audio_that_ends_early_is_found(film: Film, tmp_path: Path) -> None:
    short = ["-i", str(film.path), "-t", "0.5", "-i", str(film.path)]
    tracks = ["-map", "0:v", "-map", "1:a", "-map", "0:s"]
    wrong = spoiled(film, tmp_path / "a.mp4", *short, *tracks, *COPY)
    assert wrong == ["audio_matches_the_source", "audio_is_in_sync"]


@pytest.mark.parametrize("span", ["tv", "pc"])
def test_black_pictures_are_found(span: str, tmp_path: Path) -> None:
    source = tmp_path / "a.mp4"
    levels = ["-vf", f"scale=out_range={span}", "-color_range", span]
    ffmpeg(*moving(), *H264, *levels, source)
    film = make_film(source, tmp_path / "film")
    black = re_encoded(film, f"lutyuv=y={16 if span == 'tv' else 0}:u=128:v=128")
    assert spoiled(film, tmp_path / "b.mp4", *black) == ["picture_is_not_black"]


def test_a_black_source_may_stay_black(tmp_path: Path) -> None:
    source = tmp_path / "a.mp4"
    ffmpeg("-f", "lavfi", "-i", "color=black:size=64x48:duration=1", *H264, source)
    assert make_film(source, tmp_path / "film").wrong() == []


def test_a_dark_painting_of_a_dark_source_is_no_black_picture(tmp_path: Path) -> None:
    source = tmp_path / "a.mp4"
    ffmpeg(*moving(), "-vf", "lutyuv=y=16+(val-16)*0.16", *H264, source)
    film = make_film(source, tmp_path / "film")
    darker = re_encoded(film, "lutyuv=y=16+(val-16)*0.8")
    assert spoiled(film, tmp_path / "b.mp4", *darker) == []
