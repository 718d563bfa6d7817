from pathlib import Path

import pytest

from style_pipeline.object_names import Video
from style_pipeline_tests.assets.journey import CLIP, Journey, said
from style_pipeline_tests.clips import AAC, H264, ffmpeg, moving, tone
from style_pipeline_tests.media.films import packets


def test_every_audio_packet_is_put_aside_untouched(journey: Journey, clip: Path) -> None:
    made = journey.make("audio")
    stored = journey.root / "ops" / CLIP.audio("m4a")
    assert packets(stored) == packets(clip)
    assert made == {
        "tracks": 1,
        "codecs": "aac (und)",
        "film_container": "mp4",
        "left_out": "nothing",
        "converted": "nothing",
        "upload": journey.media.head(CLIP.source).etag,
        "bytes": stored.stat().st_size,
        "location": str(stored),
    }


def test_every_track_is_named_with_its_language(journey: Journey, tmp_path: Path) -> None:
    two = tmp_path / "two.mp4"
    languages = ["-metadata:s:a:0", "language=ger", "-metadata:s:a:1", "language=eng"]
    maps = ["-map", "0", "-map", "1", "-map", "2", *languages]
    ffmpeg(*moving(), *tone(), *tone(frequency=880), *maps, *H264, *AAC, two)
    made = journey.make("audio", journey.drop(two, Video("small/two.mp4")))
    assert (made["tracks"], made["codecs"]) == (2, "aac (ger), aac (eng)")


def test_a_clip_without_sound_says_so_and_stores_nothing(journey: Journey, tmp_path: Path) -> None:
    ffmpeg(*moving(), *H264, tmp_path / "still.mp4")
    before = len(journey.contents())
    made = journey.make("audio", journey.drop(tmp_path / "still.mp4", Video("small/still.mp4")))
    assert (made["tracks"], made["codecs"]) == (0, "no audio")
    assert "location" not in made
    assert len(journey.contents()) == before + 1


@pytest.mark.parametrize("codec", ["wmav2", "libvorbis"])
def test_sound_that_mp4_cannot_carry_is_kept_in_matroska(
    journey: Journey, tmp_path: Path, codec: str
) -> None:
    ffmpeg(*moving(), *tone(), *H264, "-c:a", codec, tmp_path / "old.mkv")
    video = journey.drop(tmp_path / "old.mkv", Video("small/old.mkv"))
    made = journey.make("audio", video)
    assert made["film_container"] == "matroska"
    assert packets(journey.root / "ops" / video.audio("mka")) == packets(tmp_path / "old.mkv")


def test_a_track_that_is_left_out_is_named_with_the_reason(
    journey: Journey, tmp_path: Path
) -> None:
    clip, font = tmp_path / "fan.mkv", tmp_path / "font.ttf"
    font.write_bytes(b"a font")
    attached = ("-attach", str(font), "-metadata:s:t", "mimetype=application/x-truetype-font")
    ffmpeg(*moving(), *tone(), *H264, *AAC, *attached, clip)
    video = journey.drop(clip, Video("small/fan.mkv"))
    result = journey.run("audio", video)
    (event,) = result.get_asset_materialization_events()
    reason = "track 2 (attachment, font.ttf): mp4 films do not carry it"
    assert event.materialization.metadata["left_out"].value == reason
    assert f"small/fan.mkv: {reason}" in said(journey, result)
