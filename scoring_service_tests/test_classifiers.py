"""The classifiers of the settings."""

import asyncio
from pathlib import Path

import pytest

from scoring_service.classification.sources import NoClassifier
from scoring_service.classifiers import Classifiers
from scoring_service.errors import Refused
from scoring_service_tests.serving import COLORS, color_network, picture


def classifiers(**sources: Path) -> Classifiers:
    return Classifiers(
        {name: str(path) for name, path in sources.items()},
        device="cpu",
        waiting=100,
        megapixels=1,
    )


def test_each_picture_gets_its_own_labels_from_the_classifier_that_was_asked(
    network: Path, tmp_path: Path
) -> None:
    found = classifiers(first=network, second=color_network(tmp_path / "b.onnx", gain=9))
    assert not found.is_loaded
    found.open()
    assert found.is_loaded

    async def run() -> None:
        asked = [
            found.classify(picture(color), "image/png", model=model, top=top)
            for color in COLORS
            for model, top in (("", 1), ("second", 3))
        ]
        told = await asyncio.gather(*asked)
        for color, first, second in zip(COLORS, told[::2], told[1::2], strict=True):
            assert (first[0], second[0]) == ("first", "second")
            assert [label for label, _ in first[1]] == [color]
            assert len(second[1]) == 3
            assert second[1][0][1] > first[1][0][1]

    asyncio.run(run())
    found.close()


def test_a_name_that_there_is_not_is_refused(network: Path) -> None:
    def why(found: Classifiers, model: str) -> tuple[int, str]:
        with pytest.raises(Refused) as refused:
            asyncio.run(found.classify(b"", "image/png", model=model, top=1))
        return refused.value.status_code, refused.value.detail

    assert why(classifiers(), "")[0] == 404
    assert why(classifiers(colors=network), "faces") == (
        422,
        "model: there is no 'faces': take one of colors",
    )
    assert why(classifiers(colors=network), "") == (503, "colors is not loaded yet")


def test_one_that_cannot_be_had_says_so() -> None:
    with pytest.raises(NoClassifier, match="does not exist"):
        classifiers(one=Path("/nowhere.onnx")).open()
