from collections import Counter
from pathlib import Path

import pytest

from pipeline_kit.storage.store import Store
from style_pipeline.resources.models import (
    fetch_model,
    publish_model,
    trained_styles,
    withdraw_model,
)
from style_pipeline.styles import FINE, shipped_styles
from style_pipeline.stylization.model_file import load_model

ONE, OTHER = "1" * 64, "2" * 64
BEGAN_WITH = {
    "ink": "51e74d81ef1420beba73009e3f92ef5756fcb456ec7f466ae6c167b4c64bf234",
    "mosaic": "786d0d6e779cd9c1feec9e853d463606646c662daa353f73f74c0482f343cb9e",
    "great-wave": "59680d2158d3f271dd06928b188144a5229d568a39e6fa6da95e0cfcbb6ea158",
}
"""Networks that looks of version 0.1 name, and one of later."""


@pytest.fixture
def ops(tmp_path: Path) -> Store:
    return Store(url=(tmp_path / "ops").as_uri())


@pytest.fixture
def network(tmp_path: Path) -> Path:
    path = tmp_path / "network.safetensors"
    path.write_bytes(b"a network")
    return path


def test_shipped_styles_are_trained_and_cost_no_download(ops: Store, tmp_path: Path) -> None:
    assert trained_styles(ops).keys() == shipped_styles().keys()
    for style, sha256 in trained_styles(ops).items():
        file = fetch_model(ops, style=style, sha256=sha256, folder=tmp_path)
        assert file == shipped_styles()[style]


def test_films_that_began_with_a_network_that_shipped_before_finish_with_it(
    ops: Store, tmp_path: Path
) -> None:
    for style, began_with in BEGAN_WITH.items():
        file = fetch_model(ops, style=style, sha256=began_with, folder=tmp_path)
        assert load_model(file).sha256 == began_with
        assert trained_styles(ops).get(style) != began_with


def test_a_published_network_is_the_style_s_current_one_and_those_before_it_stay(
    ops: Store, network: Path, tmp_path: Path
) -> None:
    for sha256 in (ONE, OTHER):
        publish_model(ops, style="brushwork", path=network, sha256=sha256)
        assert trained_styles(ops)["brushwork"] == sha256
    fetched = fetch_model(ops, style="brushwork", sha256=ONE, folder=tmp_path)
    assert fetched.read_bytes() == network.read_bytes()


def test_a_pointer_is_read_once_for_each_of_its_versions(
    ops: Store, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: Counter[str] = Counter()
    for method in ("list", "read"):
        call = getattr(Store, method)

        def counted(*args: object, call=call, method=method) -> object:  # type: ignore[no-untyped-def]
            calls[method] += 1
            return call(*args)

        monkeypatch.setattr(Store, method, counted)
    for sha256 in (ONE, OTHER):
        publish_model(ops, style="fresco", path=network, sha256=sha256)
        for _ in range(3):
            trained_styles(ops)
    assert calls == {"list": 6, "read": 2}


def test_styles_of_the_fine_body_ship_and_are_published_beside_the_standard_ones(
    ops: Store, network: Path, tmp_path: Path
) -> None:
    shipped = trained_styles(ops, FINE)
    assert shipped.keys() == shipped_styles(FINE).keys() == shipped_styles().keys()
    assert not {*shipped.values()} & {*trained_styles(ops).values()}
    for style, sha256 in shipped.items():
        file = fetch_model(ops, style=style, sha256=sha256, folder=tmp_path)
        assert file == shipped_styles(FINE)[style]
    publish_model(ops, style="fresco", path=network, sha256=ONE)
    assert "fresco" not in trained_styles(ops, FINE)
    publish_model(ops, style="fresco", path=network, sha256=OTHER, quality=FINE)
    assert (trained_styles(ops)["fresco"], trained_styles(ops, FINE)["fresco"]) == (ONE, OTHER)
    assert fetch_model(ops, style="fresco", sha256=OTHER, folder=tmp_path).is_file()
    withdraw_model(ops, style="fresco", quality=FINE)
    assert "fresco" not in trained_styles(ops, FINE)
    assert trained_styles(ops)["fresco"] == ONE


def test_a_painting_of_one_s_own_is_not_the_shipped_one_of_its_name_in_another_quality(
    ops: Store, network: Path
) -> None:
    publish_model(ops, style="great-wave", path=network, sha256=ONE)
    assert "great-wave" not in trained_styles(ops, FINE)
    publish_model(ops, style="great-wave", path=network, sha256=OTHER, quality=FINE)
    assert trained_styles(ops, FINE)["great-wave"] == OTHER
