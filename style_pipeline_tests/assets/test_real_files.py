"""Odd files on their whole way, in the stores."""

import re
from pathlib import Path

import av
import pytest

from style_pipeline.media import film_checks
from style_pipeline.object_names import Video
from style_pipeline_tests.assets.failing import fails, reported
from style_pipeline_tests.assets.journey import Journey, said, values
from style_pipeline_tests.clips import AAC, H264, ffmpeg, moving, plain, tone
from style_pipeline_tests.hdr_clips import HDR10
from style_pipeline_tests.media.test_decoding import DAMAGED
from style_pipeline_tests.media.test_subtitles import ASS, OVERLAPPING
from style_pipeline_tests.real_files import interlaced, part_of, subtitled, two_pictures

TEXTS = {"codecs": ["srt", "ass"], "languages": ["eng", "ger"]}


def delivered(journey: Journey) -> list[str]:
    return [found.name.removeprefix("styled/small/") for found in journey.media.list("styled")]


def test_subtitles_beside_a_film_go_when_a_new_upload_has_none(
    journey: Journey, tmp_path: Path
) -> None:
    video = Video("small/text.mkv")
    journey.drop(subtitled("a.mkv", OVERLAPPING, ASS, **TEXTS)(tmp_path), video)
    made = journey.make_film(video)
    assert made["beside"] == "en.srt\nde.ass"
    assert delivered(journey) == [
        *("text.mkv.de.ass", "text.mkv.en.srt", "text.mkv.jpg", "text.mkv.mp4")
    ]
    journey.drop(subtitled("b.mkv", ASS, codecs=["ass"], languages=["ita"])(tmp_path), video)
    journey.make_film(video)
    assert delivered(journey) == ["text.mkv.it.ass", "text.mkv.jpg", "text.mkv.mp4"]


def test_a_film_under_another_name_goes_when_a_new_upload_needs_another_container(
    journey: Journey, tmp_path: Path
) -> None:
    video = Video("small/sound.avi")
    for codec, name in (("pcm_s16le", "sound.avi.mov"), ("libmp3lame", "sound.avi.mp4")):
        clip = tmp_path / f"{codec}.avi"
        ffmpeg(*moving(frames=8), *tone(0.32), "-c:v", "mpeg4", "-c:a", codec, clip)
        journey.drop(clip, video)
        journey.make_film(video)
        assert delivered(journey) == ["sound.avi.jpg", name]


def test_what_would_fail_in_the_end_is_refused_by_frames_with_a_report(
    journey: Journey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = plain("a.mp4", *H264, *AAC, inputs=moving(frames=8) + tone(0.32))(tmp_path)
    video = journey.drop(clip, Video("small/late.mp4"))
    monkeypatch.setattr(film_checks, "SYNC_TOLERANCE", -1)
    wrong = fails(journey, "frames", video)
    assert wrong.startswith("its film would fail these checks: audio_is_in_sync (largest offset")
    assert reported(journey, video) == wrong


def test_damage_is_refused_until_style_toml_says_that_it_is_to_be_concealed(
    journey: Journey, tmp_path: Path
) -> None:
    video = journey.drop(DAMAGED["mpeg2_ts"](tmp_path), Video("small/damaged.ts"))
    said_then = fails(journey, "frames", video)
    assert re.search(r"is damaged.*damaged = \"conceal\"", said_then), said_then
    journey.media.write("videos/small/style.toml", b'damaged = "conceal"')
    made = journey.make("frames", video)
    assert made["left_out"] == "1 damaged frames between, shown as the decoder makes them up"
    assert made["frames"] == 150


def test_what_is_cut_off_and_which_pictures_are_taken_is_said(
    journey: Journey, tmp_path: Path
) -> None:
    whole = plain("a.ts", "-c:v", "mpeg2video", "-g", "12", inputs=moving(frames=100))
    clip = part_of("cut.ts", whole, begin=0.2, end=0.81)(tmp_path)
    video = journey.drop(clip, Video("small/cut.ts"))
    result = journey.run("frames", video)
    left_out = "1 damaged frames at the end, where it is cut off, left out"
    assert f"small/cut.ts: {left_out}" in said(journey, result)
    video = journey.drop(
        two_pictures("two.mkv", ["64x48", "96x64"], default=[1])(tmp_path), Video("small/two.mkv")
    )
    assert journey.make("frames", video)["pictures"] == "track 1 (96x64), of 2 with pictures"


def test_interlaced_pictures_are_deinterlaced_unless_style_toml_says_that_they_stay(
    journey: Journey, tmp_path: Path
) -> None:
    clip = interlaced("a.mkv", *H264, "-x264-params", "tff=1", frames=12)(tmp_path)
    video = journey.drop(clip, Video("small/fields.mkv"))
    versions = set()
    for settings, kept, converted in (
        ("", False, 'interlaced pictures: deinterlaced, unless style.toml has interlaced = "keep"'),
        ("interlaced = 'keep'", True, "nothing"),
    ):
        journey.media.write("videos/small/style.toml", settings.encode())
        made = journey.run("frames", video)
        *_, event = made.get_asset_materialization_events()
        assert values(event.materialization)["converted"] == converted
        versions.add((event.materialization.tags or {})["dagster/data_version"])
        assert bool(journey.index(video).video.fields) == kept
    assert len(versions) == 2
    assert sum(version.endswith(" interlaced kept") for version in versions) == 1


def test_hdr_is_tone_mapped_and_said_until_style_toml_says_that_it_is_to_be_kept(
    journey: Journey, tmp_path: Path
) -> None:
    video = journey.drop(HDR10(tmp_path), Video("small/bright.mp4"))
    made = journey.make_film(video)
    told = 'HDR (PQ): tone-mapped to SDR, unless style.toml has hdr = "keep"'
    assert told in made["converted"].splitlines()
    film = journey.root / "media" / video.film("mp4")
    assert encoded(film) == ("h264", "yuv420p", 1)
    journey.media.write("videos/small/style.toml", b'hdr = "keep"')
    assert journey.make("look", video)["codec"] == "hevc, 10 bits"
    journey.make_chunks(video)
    made = journey.make("styled_video", video)
    assert "HDR (PQ): kept; networks see it tone-mapped" in made["converted"].splitlines()
    assert encoded(film) == ("hevc", "yuv420p10le", 16)
    journey.media.write("videos/small/style.toml", b'hdr = "keep"\ncodec = "h264"')
    wrong = 'hdr = "keep" needs codec = "hevc" or codec = "av1", not "h264"'
    assert fails(journey, "look", video) == wrong


def encoded(film: Path) -> tuple[str, str | None, int]:
    """The film's codec, how its pictures are laid out, and the number of their transfer."""
    with av.open(str(film)) as container:
        context = container.streams.video[0].codec_context
        return context.codec.canonical_name, context.pix_fmt, int(context.color_trc)
