import pytest

from style_pipeline.intake.paintings import rejection, style_key
from style_pipeline.object_names import Style, Video
from style_pipeline.styles import FINE, STANDARD


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
    assert style.checkpoint == "training/fresco/checkpoint"
    assert style.model("abc") == "models/fresco/abc.safetensors"


@pytest.mark.parametrize(
    ("key", "extension", "film"),
    [
        ("s/clip.mp4", "mp4", "styled/s/clip.mp4"),
        ("s/clip.mov", "mp4", "styled/s/clip.mov.mp4"),
        ("s/clip.mp4", "mkv", "styled/s/clip.mp4.mkv"),
        ("s/clip.mkv", "mkv", "styled/s/clip.mkv"),
        ("s/clip.MP4", "mp4", "styled/s/clip.mp4"),
        ("s/clip.MOV", "mp4", "styled/s/clip.MOV.mp4"),
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


def test_a_film_of_an_earlier_version_is_known_by_its_name() -> None:
    assert Video("s/clip.MP4").former_film("mp4") == "styled/s/clip.MP4.mp4"
    assert Video("s/clip.MP4").films == {
        "styled/s/clip.mp4",
        "styled/s/clip.MP4.mp4",
        "styled/s/clip.MP4.mov",
        "styled/s/clip.MP4.mkv",
    }
    assert Video("s/clip.mp4").former_film("mp4") == Video("s/clip.mp4").film("mp4")


def test_a_style_of_the_fine_body_has_a_key_that_no_file_can_give_it() -> None:
    fine, standard = Style.of("fresco", FINE), Style.of("fresco", STANDARD)
    assert (fine.key, fine.name, fine.quality) == ("fresco/fine", "fresco", FINE)
    assert (standard, standard.quality) == (Style("fresco"), STANDARD)
    for name in ("styles/fresco/fine.jpg", "styles/fine.jpg", "styles/fresco.fine.jpg"):
        assert rejection(name) or style_key(name) != fine.key
    assert Style("fine").quality == STANDARD
    assert len({fine.checkpoint, standard.checkpoint, Style("fine").checkpoint}) == 3
    assert fine.model("ab") == standard.model("ab")
