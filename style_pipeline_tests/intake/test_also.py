from pipeline_kit.storage.objects import StoredObject
from style_pipeline.intake.also import also_dropped
from style_pipeline_tests.intake.looks import look

CLIP = StoredObject(name="videos/fresco/trip/clip.mp4", size=9, etag="1")
SETTINGS = StoredObject(name="videos/fresco/style.toml", size=9, etag="s1")
NEARER = StoredObject(name="videos/fresco/trip/style.toml", size=9, etag="s2")


def also(*listing: StoredObject, **styles: tuple[str, ...]) -> dict[str, str]:
    files = {"above": SETTINGS.name, "beside": NEARER.name}
    given = {files[place]: names for place, names in styles.items()}
    return {each.file.name: each.original for each in also_dropped(listing, given)}


def test_a_video_is_there_in_other_styles_as_if_it_had_been_dropped_there() -> None:
    assert also(CLIP, SETTINGS, above=("ink", "fresco")) == {"videos/ink/trip/clip.mp4": CLIP.name}
    (found,) = also_dropped([CLIP, SETTINGS], {SETTINGS.name: ("ink",)})
    assert (found.file.size, found.file.etag) == (9, "1")


def test_the_nearest_settings_count() -> None:
    assert also(CLIP, SETTINGS, NEARER, above=("ink",)) == {}
    assert list(also(CLIP, SETTINGS, NEARER, above=("ink",), beside=("mosaic",))) == [
        "videos/mosaic/trip/clip.mp4"
    ]


def test_a_file_that_was_dropped_there_goes_before_and_so_does_the_first_of_several() -> None:
    there = StoredObject(name="videos/ink/trip/clip.mp4", size=1, etag="2")
    assert also(CLIP, there, SETTINGS, above=("ink",)) == {}
    rival = StoredObject(name="videos/fresco-2/trip/clip.mp4", size=1, etag="3")
    other = StoredObject(name="videos/fresco-2/style.toml", size=1, etag="4")
    found = also_dropped(
        [rival, CLIP, SETTINGS, other], {SETTINGS.name: ("ink",), other.name: ("ink",)}
    )
    assert [each.original for each in found] == [CLIP.name]


def test_only_videos_are_taken_along() -> None:
    others = [
        StoredObject(name=f"videos/fresco/{name}", size=9, etag="1")
        for name in ("notes.txt", ".hidden.mp4", "clip.mp4.part")
    ]
    assert also(*others, SETTINGS, above=("ink",)) == {}


def test_where_there_is_no_such_style_its_refusal_says_which_file_is_meant() -> None:
    (wanted,) = also_dropped([CLIP, SETTINGS], {SETTINGS.name: ("mosiac",)})
    originals = {wanted.file.name: wanted.original}
    settled = look(wanted.file, originals=originals).ledger
    (refused,) = look(wanted.file, originals=originals, ledger=settled).rejected
    assert refused.reason.startswith("there is no style 'mosiac': ")
    assert refused.reason.endswith(f" (it is {CLIP.name}, by `also` in a style.toml)")
