"""Pictures in the styles that there are now."""

import asyncio
import io
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipeline_kit.models.registry import Registry
from pipeline_kit.storage.store import Store
from scoring_service.errors import Refused
from scoring_service.pictures import read_picture
from scoring_service.styles import Styles, Wanted, parse_style
from scoring_service_tests.serving import Asked, picture
from style_pipeline.resources.models import stored_hash
from style_pipeline.styles import shipped_styles
from style_pipeline_tests.assets.journey import publish_small_network

STYLE = "starry-night"


def wanted(style: str) -> Wanted:
    return Wanted(picture("gray", size=(64, 48)), "image/png", parse_style(style), 1.0, False)


def test_shipped_styles_are_there_and_trained_ones_come_with_the_next_poll(tmp_path: Path) -> None:
    ops = Store(url=tmp_path.as_uri())
    styles = Styles(ops, device="cpu", megapixels=1)
    styles.poll()
    assert styles.names == sorted(shipped_styles())
    path = shipped_styles()[STYLE]
    registry = Registry(store=ops, suffix=".safetensors", digest=None)
    registry.publish("night", path, stored_hash(path))
    styles.poll()
    assert "night" in styles.names

    async def run() -> list[Image.Image]:
        return [await styles.stylize(wanted(style)) for style in (STYLE, "night")]

    shipped, trained = asyncio.run(run())
    assert shipped.tobytes() == trained.tobytes()
    assert shipped.tobytes() != Image.new("RGB", (64, 48), "gray").tobytes()
    registry.publish("night", path, "0" * 64)
    styles.poll()
    with pytest.raises(Refused, match="cannot be loaded") as refused:
        asyncio.run(styles.stylize(wanted("night")))
    assert refused.value.status_code == 503


def test_a_mixture_is_between_its_styles(tmp_path: Path) -> None:
    styles = Styles(Store(url=tmp_path.as_uri()), device="cpu", megapixels=1)

    async def run() -> list[Image.Image]:
        asked = (f"{STYLE}:2,great-wave:0", f"{STYLE}:1,great-wave:1", "great-wave")
        return [await styles.stylize(wanted(each)) for each in (STYLE, *asked)]

    one, same, half, other = (np.asarray(each, int) for each in asyncio.run(run()))
    assert np.array_equal(one, same)
    apart = np.abs(one - other).mean()
    assert 0 < np.abs(one - half).mean() < apart


def test_a_network_of_its_own_is_mixed_with_no_other(tmp_path: Path) -> None:
    ops = Store(url=tmp_path.as_uri())
    publish_small_network(ops, "candy", seed=1)
    styles = Styles(ops, device="cpu", megapixels=1)
    styles.poll()
    assert styles.mixable("candy") == ["candy"]
    mixable = styles.mixable(STYLE)
    assert {STYLE, "great-wave"} <= {*mixable} < {*styles.names}
    assert "candy" not in mixable
    with pytest.raises(Refused, match="have networks of their own"):
        asyncio.run(styles.stylize(wanted(f"{STYLE}:1,candy:1")))
    with pytest.raises(Refused, match="there is no 'none'"):
        styles.mixable("none")
    styles.trained["gone"] = "1" * 64
    assert styles.mixable(STYLE) == mixable, "what cannot be loaded cannot be mixed"


@pytest.mark.parametrize("text", ["a:b", "a:0", "a:-1,b:2", "a:nan"])
def test_a_mixture_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="style: "):
        parse_style(text)


def test_a_style_that_there_is_not_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    styles = Styles(Store(url=tmp_path.as_uri()), device="cpu", megapixels=1)
    with pytest.raises(Refused, match=f"there is no 'none': take one of .*{STYLE}"):
        asyncio.run(styles.stylize(wanted("none")))


def test_storage_that_is_away_leaves_the_styles_that_were_known(tmp_path: Path) -> None:
    styles = Styles(Store(url=(tmp_path / "ops").as_uri()), device="cpu", megapixels=1)
    styles.trained = {"night": "1" * 64}
    styles.registry.store.list()
    (tmp_path / "ops").rmdir()
    styles.poll()
    assert "night" in styles.names


def test_a_stylized_picture_has_its_size_and_kind_and_tells_nothing_else(
    published_ops: Store,
) -> None:
    asked = Asked(published_ops, stylize=True, device="cpu").ready()
    buffer, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = "taken at home"
    Image.new("RGB", (65, 48), "gray").save(buffer, "JPEG", exif=exif)
    headers = {"Content-Type": "image/jpeg"}
    path = f"/v1/images/stylize?style={STYLE}"
    answer = asked.post(path, content=buffer.getvalue(), headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(answer.content)) as image:
        assert (image.size, image.format) == ((65, 48), "JPEG")
    assert b"taken at home" not in answer.content
    # None of it is the source.
    source = asked.post(
        f"{path}&strength=0", content=picture("gray"), headers={"Content-Type": "image/png"}
    )
    with Image.open(io.BytesIO(source.content)) as image:
        assert np.abs(np.asarray(image, int) - 128).max() <= 2
    asked.service.needed_styles().batcher.close()


def test_what_waits_is_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures of a few hundred bytes can have forty million pixels."""
    styles = Styles(Store(url=tmp_path.as_uri()), device="cpu", megapixels=1)
    decoding, most = 0, 0

    def noted(*given: Any, **options: Any) -> Image.Image:
        nonlocal decoding, most
        decoding += 1
        most = max(most, decoding)
        time.sleep(0.01)
        decoding -= 1
        return read_picture(*given, **options)

    monkeypatch.setattr("scoring_service.styles.read_picture", noted)

    async def run() -> None:
        await asyncio.gather(*(styles.stylize(wanted(STYLE)) for _ in range(5)))

    asyncio.run(run())
    assert (decoding, most) == (0, 1)
