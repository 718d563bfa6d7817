"""Pictures over HTTP."""

from pathlib import Path

import pytest

from pipeline_kit.storage.store import Store
from scoring_service_tests.serving import COLORS, Asked, picture
from style_pipeline_tests.assets.journey import publish_small_network


def classify(
    asked: Asked, data: bytes, kind: str = "image/png", query: str = ""
) -> tuple[int, dict[str, object]]:
    headers = {"Content-Type": kind}
    answer = asked.post(f"/v1/images/classify{query}", content=data, headers=headers)
    return answer.status_code, answer.json()


@pytest.mark.parametrize("color", COLORS)
def test_a_picture_is_classified(asked: Asked, color: str) -> None:
    status, told = classify(asked, picture(color, "JPEG"), "image/jpeg", "?top=2")
    assert (status, told["model"]) == (200, "colors")
    labels = told["labels"]
    assert isinstance(labels, list)
    assert len(labels) == 2
    assert labels[0]["label"] == color
    assert 0.33 < labels[0]["probability"] <= 1


@pytest.mark.parametrize(
    ("data", "kind", "query", "status"),
    [
        (b"none", "image/png", "", 422),
        (picture("red"), "image/gif", "", 415),
        (picture("red"), "image/png", "?model=faces", 422),
        (picture("red"), "image/png", "?top=0", 422),
        (picture("red", size=(9000, 5000)), "image/png", "", 413),
    ],
)
def test_a_wrong_picture_is_refused(
    asked: Asked, data: bytes, kind: str, query: str, status: int
) -> None:
    found, told = classify(asked, data, kind, query)
    assert found == status
    assert "\n" not in str(told["detail"])


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "style: Field required"),
        ("?style=ink&strength=2", "strength: Input should be less than or equal to 1"),
        ("?style=none", "style: there is no 'none'"),
    ],
)
def test_a_wrong_wish_for_a_style_is_told_what_is_wrong(
    published_ops: Store, query: str, says: str
) -> None:
    asked = Asked(published_ops, stylize=True)
    headers = {"Content-Type": "image/png"}
    answer = asked.post(f"/v1/images/stylize{query}", content=picture("red"), headers=headers)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(says)


def test_a_large_picture_of_a_small_file_is_classified_and_not_stylized(
    published_ops: Store, network: Path
) -> None:
    """Which takes a hundred times the memory and the time."""
    asked = Asked(published_ops, stylize=True, classifiers=f"colors={network}").ready()
    large = picture("red", "WEBP", size=(4000, 3300))
    assert len(large) < 50_000
    assert classify(asked, large, "image/webp")[0] == 200
    headers = {"Content-Type": "image/webp"}
    answer = asked.post("/v1/images/stylize?style=ink", content=large, headers=headers)
    assert answer.status_code == 413
    assert answer.json()["detail"] == "the picture has 4000x3300 pixels: at most 13 million"


def test_styles_are_listed_all_or_those_that_can_be_mixed_with_one(tmp_path: Path) -> None:
    ops = Store(url=tmp_path.as_uri())
    publish_small_network(ops, "candy", seed=1)
    asked = Asked(ops, stylize=True, faq="none")
    asked.service.needed_styles().poll()
    every = asked.get("/v1/images/styles").json()
    assert {"candy", "ink", "great-wave"} < {*every}
    mixable = asked.get("/v1/images/styles?mixable_with=ink").json()
    assert mixable == [style for style in every if style != "candy"]
    assert asked.get("/v1/images/styles?mixable_with=candy").json() == ["candy"]
    refused = asked.get("/v1/images/styles?mixable_with=none")
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("style: there is no 'none'")


def test_a_service_without_styles_or_classifiers_says_so(published_ops: Store) -> None:
    asked = Asked(published_ops)
    headers = {"Content-Type": "image/png"}
    for path in ("/v1/images/stylize?style=ink", "/v1/images/classify"):
        assert asked.post(path, content=picture("red"), headers=headers).status_code == 404
