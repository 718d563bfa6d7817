import importlib
from pathlib import Path
from typing import Any

import pytest

from pipeline_kit.storage.store import Store
from style_pipeline.partitions import UPLOAD_TAG
from style_pipeline_tests.assets.journey import CLIP, Journey, said
from style_pipeline_tests.clips import make_clip


@pytest.mark.parametrize("asset", ["audio", "frames"])
def test_a_source_replaced_while_it_is_read_stops_quietly(
    journey: Journey, monkeypatch: pytest.MonkeyPatch, clip: Path, asset: str
) -> None:
    parts = Store._parts

    def replaced_meanwhile(store: Store, name: str, *, etag: str) -> Any:
        yield from parts(store, name, etag=etag)
        journey.drop(clip)

    monkeypatch.setattr(Store, "_parts", replaced_meanwhile)
    result = journey.run(asset)
    assert result.success
    assert not result.get_asset_materialization_events()
    assert "small/clip.mp4 was uploaded again meanwhile" in "\n".join(said(journey, result))
    assert not [name for name in journey.contents() if name.startswith("ops/work/")]
    assert list(journey.scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("asset", "last_work", "slot"),
    [
        ("audio", "extract_audio", None),
        ("frames", "write_index", None),
        ("styled_frames", "write_segment", 0),
        ("styled_video", "mux_film", None),
    ],
)
def test_a_source_replaced_while_it_is_worked_on_publishes_nothing(
    finished: Journey,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    asset: str,
    last_work: str,
    slot: int | None,
) -> None:
    module = importlib.import_module(f"style_pipeline.assets.{asset}")
    work = getattr(module, last_work)
    other = make_clip(tmp_path / "other.mp4", pitch=880)

    def replaced_meanwhile(*arguments: Any, **options: Any) -> Any:
        finished.drop(other)
        return work(*arguments, **options)

    monkeypatch.setattr(module, last_work, replaced_meanwhile)
    before = finished.contents() | {f"media/{CLIP.source}": other.read_bytes()}
    result = finished.run(asset, slot=slot)
    assert result.success == (asset != "styled_video")
    assert not result.get_asset_materialization_events()
    assert finished.contents() == before


@pytest.mark.parametrize("asset", ["audio", "frames"])
def test_a_run_for_an_upload_that_is_gone_leaves_it_to_the_new_one_s_run(
    journey: Journey, asset: str
) -> None:
    result = journey.run(asset, tags={UPLOAD_TAG: "the-one-before"})
    assert result.success
    assert not result.get_asset_materialization_events()
