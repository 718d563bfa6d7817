from typing import Any

import pytest

from style_pipeline.partitions import UPLOAD_TAG
from style_pipeline.resources.models import trained_styles
from style_pipeline.training.fitting import fit
from style_pipeline_tests.assets.studio import Studio, fails, made, picture, said


def test_a_bad_painting_fails_once_and_clearly(studio: Studio) -> None:
    studio.drop(content=picture(1)[:400])
    assert fails(studio) == (
        "wave: wave.png is damaged or ends too early: export it again, and drop it again"
    )


def test_a_painting_that_is_gone_fails_with_what_to_do(studio: Studio) -> None:
    studio.instance.add_dynamic_partitions("styles", ["wave"])
    place = studio.media.location("styles/wave")
    assert fails(studio) == (
        f"wave: there is no {place}.jpg, .png or .webp: drop the painting there"
    )


def test_two_paintings_of_one_name_are_one_too_many(studio: Studio) -> None:
    studio.drop(extension="png")
    etag = studio.drop(extension="JPG")
    assert fails(studio) == (
        "wave: there are several files for it, styles/wave.JPG, styles/wave.png: delete all but one"
    )
    assert made(studio.run(tags={UPLOAD_TAG: etag}))["upload"] == etag


def test_a_run_for_a_painting_that_is_gone_leaves_it_to_the_new_one_s_run(studio: Studio) -> None:
    studio.drop()
    result = studio.run(tags={UPLOAD_TAG: "the-one-before"})
    assert result.success
    assert not result.get_asset_materialization_events()
    assert "wave was uploaded again meanwhile" in said(studio, result)


def test_a_painting_replaced_while_it_is_learned_publishes_nothing(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.drop()

    def replaced_meanwhile(*arguments: Any, **options: Any) -> Any:
        studio.drop(content=picture(2))
        return fit(*arguments, **options)

    monkeypatch.setattr("style_pipeline.training.job.fit", replaced_meanwhile)
    result = studio.run()
    assert result.success
    assert not result.get_asset_materialization_events()
    assert "wave" not in trained_styles(studio.ops)


def test_without_photographs_it_says_where_to_put_some(studio: Studio) -> None:
    studio.drop()
    empty = studio.root / "empty"
    assert fails(studio, settings={"photographs": str(empty)}) == (
        f"wave: there is no photograph that can be used in {empty}: put some hundred there, or "
        "set STYLE_PIPELINE_PHOTOGRAPHS to where they are"
    )
    assert "set STYLE_PIPELINE_PHOTOGRAPHS to a folder" in fails(
        studio, settings={"photographs": ""}
    )


def test_weights_that_are_none_are_named(studio: Studio) -> None:
    studio.drop()
    studio.weights.write_bytes(b"no weights")
    line = fails(studio)
    assert line.startswith(f"wave: STYLE_PIPELINE_PERCEPTUAL_WEIGHTS={studio.weights}: no file has")
    assert line.endswith("(vgg.safetensors is damaged, or holds more than tensors)")
