from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from pipeline_kit.storage.objects import StoredObject
from pipeline_kit.storage.store import Store
from style_pipeline.intake.reports import report, report_name
from style_pipeline.partitions import UPLOAD_TAG
from style_pipeline.sensors.decoding_again import starting_again, stopped_by_settings
from style_pipeline_tests.runs import remember

FILE = StoredObject(name="videos/ink/clip.mp4", size=1, etag="0x1")


@pytest.mark.parametrize("has_look", [True, False])
def test_a_look_is_asked_for_where_there_was_none_since_the_upload(has_look: bool) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        for asset in ("look", "videos") if not has_look else ("videos", "look"):
            remember(instance, asset, "ink/clip.mp4")
        (run,) = starting_again(instance, [FILE], cursor="1")
        (again,) = starting_again(instance, [FILE], cursor="1")
        (later,) = starting_again(instance, [FILE], cursor="2")
    assert run.run_key == again.run_key != later.run_key
    assert (run.partition_key, run.tags[UPLOAD_TAG]) == ("ink/clip.mp4", "0x1")
    assets = {key.to_user_string() for key in run.asset_selection or []}
    assert assets == {"audio", "frames", *(() if has_look else ("look",))}


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        (["videos"], ["audio", "frames", "look"]),
        (["audio", "frames", "look", "videos"], ["audio", "frames", "look"]),
        (["videos", "audio"], ["frames", "look"]),
        (["videos", "audio", "frames"], ["look"]),
        (["videos", "audio", "frames", "look"], ["look"]),
    ],
)
def test_what_was_stopped_gets_what_it_lacks_and_nothing_that_is_done(
    made: list[str], wanted: list[str]
) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        for asset in made:
            remember(instance, asset, "ink/clip.mp4")
        (run,) = starting_again(instance, [], [FILE], cursor="1")
        (both,) = starting_again(instance, [FILE], [FILE], cursor="1")
    assert [key.to_user_string() for key in run.asset_selection or []] == wanted
    assert [key.to_user_string() for key in both.asset_selection or []] == [
        *("audio", "frames", "look")
    ]


def test_what_a_settings_file_stopped_is_told_by_its_report(tmp_path: Path) -> None:
    media = Store(url=tmp_path.as_uri())
    keys = {"ink/stopped.mp4": "style.toml", "ink/broken.mp4": "", "ink/fine.mp4": None}
    for key, by in keys.items():
        if by is not None:
            written = report(f"videos/{key}", "no", at=datetime.now(UTC), stopped_by=by)
            media.write(report_name(f"videos/{key}"), written)
    media.write("rejected/ink/other.mp4.json", b"[]")
    reports = [found.name for found in media.list("rejected")] + ["rejected/ink/gone.mp4.json"]
    found = stopped_by_settings(media, [*keys, "ink/other.mp4", "ink/gone.mp4"], reports)
    assert [*found] == ["ink/stopped.mp4"]
