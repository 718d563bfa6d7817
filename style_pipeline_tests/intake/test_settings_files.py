from pathlib import Path

from pipeline_kit.storage.store import Store
from style_pipeline.intake.settings_files import also_in, fine_in, reading_in
from style_pipeline.look.style_toml import Settings


def test_only_what_says_how_videos_are_decoded_counts(tmp_path: Path) -> None:
    media = Store(url=tmp_path.as_uri())
    said = []
    for content in (b"strength = 1", b"strength = 0.5", b'damaged = "conceal"', b"strength = "):
        said.append(reading_in(media, media.write("videos/ink/style.toml", content)))
    assert said[0] == said[1] != said[2]
    assert said[3] is None


def test_further_styles_are_read_where_they_can_be(tmp_path: Path) -> None:
    media = Store(url=tmp_path.as_uri())
    said = [
        also_in(media, media.write("videos/ink/style.toml", content))
        for content in (b'also = ["mosaic"]', b"strength = 1", b"also = ")
    ]
    assert said == [("mosaic",), (), ()]


def test_quality_fine_is_read_where_it_is_asked_for(tmp_path: Path) -> None:
    media = Store(url=tmp_path.as_uri())
    said = [
        fine_in(media, media.write("videos/ink/style.toml", content))
        for content in (b'quality = "fine"\nstrokes = 2', b"quality = 'standard'", b"quality = ")
    ]
    assert said == [Settings(quality="fine", strokes=2.0), None, None]
