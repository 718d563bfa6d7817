from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_kit.orchestration.names import MAX_KEY_BYTES
from pipeline_kit.storage.objects import StoredObject
from style_pipeline.intake.names import EXTENSIONS, any_videos, video_key
from style_pipeline.intake.videos import rejection
from style_pipeline_tests.intake.looks import CLIP, STYLES, look_twice, names

unhurried = settings(deadline=None)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (
            "videos/clip.mp4",
            "it is in no style's folder: move it into videos/<style>/ (styles: brushwork, fresco)",
        ),
        (
            "videos/mosiac/clip.mp4",
            "there is no style 'mosiac': move it into the folder of a style (brushwork, fresco)",
        ),
        (
            "videos/fresco/notes.TXT",
            ".txt is no kind of video that can be read: convert it to one of mp4, m4v, mov,",
        ),
        ("videos/fresco/clip", "its name has no extension that can be read: convert it to one of"),
        ("videos/fresco/mp4", "its name has no extension that can be read: convert it to one of"),
        ("videos/fresco/a|b.mp4", "its name contains '|': rename it"),
        ("videos/fresco/a[1].mp4", "its name contains '[' ']': rename it"),
        ("videos/fresco/a\\b.mp4", r"its name contains '\\': rename it"),
        ("videos/fresco/wait....mp4", "its name contains '...': rename it"),
        ("videos/fresco/a\nb.mp4", r"its name contains '\n': rename it"),
        ("videos/fresco/\ufffd.mp4", r"its name contains '\ufffd': rename it"),
        ("videos/fresco/a\u202e4pm.exe.mp4", r"its name contains '\u202e': rename it"),
        ("videos/fresco/concat:a.mp4|b.mp4", "its name contains '|': rename it"),
        ("videos/fresco/file:/etc/passwd", "its name has no extension that can be read: convert"),
        ("videos/fresco/clip.svg", ".svg is no kind of video that can be read: convert it to one"),
        ("videos/fresco/clip.m3u8", ".m3u8 is no kind of video that can be read: convert it to"),
        ("videos/~/../../etc/a.mp4", "a folder in its path has no proper name: rename it"),
        ("videos//clip.mp4", "a folder in its path has no proper name: rename it"),
        ("videos/fresco/clip.mp4 ", "its name starts or ends with a blank: rename it"),
        (
            f"videos/fresco/{'ü' * 100}.mp4",
            "its name is 211 bytes long, folder included: shorten it to 200",
        ),
    ],
)
def test_what_cannot_be_started_is_told_with_what_to_do(name: str, reason: str) -> None:
    told = rejection(name, trained=STYLES)
    assert told is not None
    assert told.startswith(reason)
    assert [each.reason for each in look_twice(replace(CLIP, name=name)).rejected] == [told]


@pytest.mark.parametrize("extension", [*EXTENSIONS, "MP4", "MoV"])
def test_every_supported_container_is_taken(extension: str) -> None:
    assert rejection(f"videos/fresco/clip.{extension}", trained=STYLES) is None


@pytest.mark.parametrize(
    "clip",
    [
        "Ferien 2024.mp4",
        "e\u0301te\u0301.mov",
        "été.mov",
        "日本.mkv",
        "a/b/c.mp4",
        "100% #1 (x).ts",
    ],
)
def test_ordinary_names_are_taken(clip: str) -> None:
    assert names(look_twice(replace(CLIP, name=f"videos/fresco/{clip}"))) == [
        f"videos/fresco/{clip}"
    ]


def test_what_nobody_meant_as_a_video_is_passed_over() -> None:
    listing = [replace(CLIP, name=f"videos/fresco/{name}") for name in (".DS_Store", "clip.part")]
    found = look_twice(*listing, replace(CLIP, name="videos/fresco", size=0))
    assert (found.start, found.rejected, found.ledger) == ((), (), frozenset())


@pytest.mark.parametrize(
    ("name", "size", "is_one"),
    [
        ("fresco/clip.mp4", 9, True),
        ("unknown/clip.MKV", 9, True),
        ("fresco/clip.mp4", 0, False),
        ("fresco/.clip.mp4", 9, False),
        ("fresco/clip.mp4.part", 9, False),
        ("fresco/style.toml", 9, False),
    ],
)
def test_videos_in_whatever_folder_can_be_learned_from(name: str, size: int, is_one: bool) -> None:
    assert any_videos([StoredObject(name=f"videos/{name}", size=size, etag="1")]) is is_one


@unhurried
@given(st.text())
def test_no_name_can_break_a_look(name: str) -> None:
    found = look_twice(replace(CLIP, name=f"videos/{name}"))
    assert len(found.start) + len(found.rejected) <= 1
    for video in found.start:
        key = video_key(video.name)
        assert len(key.encode()) <= MAX_KEY_BYTES
        assert not set("|,[]\n\r\t\0") & set(key)
        assert "..." not in key
