from pathlib import Path

import dagster as dg
import pytest

from pipeline_kit.storage.objects import StoredObject
from pipeline_kit.storage.store import Store
from style_pipeline.partitions import UPLOAD_TAG
from style_pipeline.sensors.decoding_again import also_in, decoding_again, reading_in

FILE = StoredObject(name="videos/ink/clip.mp4", size=1, etag="0x1")


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


@pytest.mark.parametrize("has_look", [True, False])
def test_a_look_is_asked_for_where_there_was_none_since_the_upload(has_look: bool) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        for asset in ("look", "videos") if not has_look else ("videos", "look"):
            event = dg.AssetMaterialization(asset, partition="ink/clip.mp4")
            instance.report_runless_asset_event(event)
        (run,) = decoding_again(instance, [FILE], cursor="1")
        (again,) = decoding_again(instance, [FILE], cursor="1")
        (later,) = decoding_again(instance, [FILE], cursor="2")
    assert run.run_key == again.run_key != later.run_key
    assert (run.partition_key, run.tags[UPLOAD_TAG]) == ("ink/clip.mp4", "0x1")
    assets = {key.to_user_string() for key in run.asset_selection or []}
    assert assets == {"audio", "frames", *(() if has_look else ("look",))}
