import base64
import io
from collections.abc import Iterator

import dagster as dg
import pytest
from PIL import Image

from pipeline_kit.orchestration import metadata
from pipeline_kit.orchestration.metadata import encoded, latest_metadata, shown

ASSET = dg.AssetKey("scores")


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def materialize(instance: dg.DagsterInstance, partition: str, number: int) -> None:
    instance.report_runless_asset_event(
        dg.AssetMaterialization(ASSET, partition=partition, metadata={"number": number})
    )


def test_each_partition_s_latest_metadata_is_found_a_page_at_a_time(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, partition in enumerate(["a", "b", "b", "c", "other", "c", "c"]):
        materialize(instance, partition, number)
    monkeypatch.setattr(metadata, "PAGE", 2)
    found = latest_metadata(instance, ASSET, ["a", "b", "c", "never made"])
    assert {key: values["number"] for key, values in found.items()} == {"a": 0, "b": 2, "c": 6}


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_images_are_encoded_as_what_was_asked_for(kind: str) -> None:
    data = encoded(Image.new("RGB", (30, 20)), kind)
    assert Image.open(io.BytesIO(data)).format == kind


def test_a_picture_in_metadata_is_markdown_that_the_ui_renders() -> None:
    text = shown(Image.new("RGB", (30, 20), (200, 30, 30)), "sheet").md_str or ""
    start = "![sheet](data:image/jpeg;base64,"
    assert (text[: len(start)], text[-1]) == (start, ")")
    picture = Image.open(io.BytesIO(base64.b64decode(text[len(start) : -1], validate=True)))
    assert (picture.format, picture.size) == ("JPEG", (30, 20))
    assert picture.getpixel((15, 10)) == pytest.approx((200, 30, 30), abs=8)
