import json

import pytest

from pipeline_kit.machine.scratch import PREFIX
from style_pipeline.object_names import Style
from style_pipeline.partitions import UPLOAD_TAG
from style_pipeline.resources.models import fetch_model, trained_styles
from style_pipeline.status import training_log
from style_pipeline.styles import FINE, FINE_BODY
from style_pipeline.stylization.model_file import StyleModel, load_model
from style_pipeline_tests.assets.journey import picture_in
from style_pipeline_tests.assets.studio import (
    ITERATIONS,
    WAVE,
    Studio,
    fails,
    made,
    said,
    small_body,
)
from style_pipeline_tests.training.quick import tiny_body


def model(studio: Studio, sha256: str) -> StyleModel:
    folder = studio.root / "scratch"
    return load_model(fetch_model(studio.ops, style=WAVE.key, sha256=sha256, folder=folder))


def test_a_painting_becomes_a_style_under_the_hash_of_its_network(studio: Studio) -> None:
    etag = studio.drop()
    result = studio.run(tags={UPLOAD_TAG: etag})
    metadata = made(result)
    sha256 = metadata["model_hash"]
    assert trained_styles(studio.ops)["wave"] == sha256
    assert set(studio.stored()) == {"models/wave/current", WAVE.model(sha256)}
    (event,) = result.get_asset_materialization_events()
    assert event.materialization.tags
    assert event.materialization.tags["dagster/data_version"] == sha256

    trained = model(studio, sha256)
    assert (trained.style, trained.sha256) == ("wave", sha256)
    assert f'"iterations": {ITERATIONS}' in trained.metadata["recipe"]
    assert trained.metadata["artwork_sha256"] == metadata["painting_sha256"]

    assert metadata["iterations"] == ITERATIONS
    assert metadata["seconds"] > 0
    assert metadata["device"].startswith("CPU, ")
    assert metadata["started_from"] == "scratch"
    assert metadata["photographs"] == f"3: {studio.media.location('photographs')}"
    assert metadata["perceptual"] == "vgg (relu1_1-relu5_1)"
    assert metadata["upload"] == etag
    assert metadata["resumed"] is False
    assert picture_in(metadata["painting"]).size == (100, 80)
    assert picture_in(metadata["loss_curve"]).width == 700
    # The painting, and below it three photographs beside their pictures.
    assert picture_in(metadata["samples"]).size == (1100, 4 * (80 + 4) + 4)
    assert list((studio.root / "scratch").glob(f"{PREFIX}*")) == []


def test_a_training_can_be_watched(studio: Studio) -> None:
    studio.drop()
    # Undone before what the studio replaced is.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_log, "SECONDS_BETWEEN_LINES", 0)
        patch.setattr(training_log, "OBSERVATIONS", 10)
        result = studio.run(iterations=20)
    assert "wave: 7 of 20 iterations, style loss " in said(studio, result)
    assert " s left" in said(studio, result)
    seen = [
        event.asset_observation_data.asset_observation
        for event in result.get_asset_observation_events()
    ]
    assert [observation.metadata["iteration"].value for observation in seen] == [*range(2, 20, 2)]
    assert {(o.asset_key.path[-1], o.partition) for o in seen} == {("style_model", "wave")}
    for name in ("loss_curve", "samples"):
        value = seen[-1].metadata[name].value
        assert isinstance(value, str)
        picture_in(value)
    assert isinstance(seen[-1].metadata["style_loss"].value, float)


def test_training_again_gives_the_same_network(studio: Studio) -> None:
    studio.drop()
    first, again = made(studio.run()), made(studio.run())
    assert first["model_hash"] == again["model_hash"]
    other = made(studio.run(seed=2))
    assert other["model_hash"] != first["model_hash"]
    assert trained_styles(studio.ops)["wave"] == other["model_hash"]
    assert model(studio, first["model_hash"])


def test_the_fit_follows_the_settings(studio: Studio) -> None:
    studio.drop()
    metadata = made(
        studio.run(iterations=None, content=0.7, brushing=0.25, settings={"iterations": 3})
    )
    assert metadata["iterations"] == 3
    fitted = model(studio, metadata["model_hash"])
    recipe = json.loads(fitted.metadata["recipe"])
    assert (recipe["content"], recipe["brushing"]) == (0.7, 0.25)
    assert fitted.network.style[fitted.network.architecture.brushing] == 0.25


def test_a_setting_of_version_0_1_stops_with_what_is_in_its_place(studio: Studio) -> None:
    studio.drop()
    assert fails(studio, style_weight=3.5) == (
        "wave: style_weight is gone: set content, 0.85 by default, to 0.1 or more"
    )


class TestStart:
    def test_a_new_style_begins_with_the_nearest_of_the_body(self, studio: Studio) -> None:
        studio.drop()
        metadata = made(studio.run(start_from="nearest"))
        assert metadata["started_from"] == "nearest"
        other = made(studio.run(start_from="scratch"))
        assert other["model_hash"] != metadata["model_hash"]

    def test_it_can_begin_with_another_style_of_the_body(self, studio: Studio) -> None:
        studio.publish("glass")
        studio.drop()
        metadata = made(studio.run(start_from="glass"))
        trained = model(studio, metadata["model_hash"])
        assert '"started_from": "glass"' in trained.metadata["data"]

    def test_a_start_that_there_is_not_is_refused_beside_those_that_there_are(
        self, studio: Studio
    ) -> None:
        studio.publish("glass")
        studio.drop()
        line = fails(studio, start_from="fresco")
        assert line.startswith("wave: start_from='fresco' should be one of nearest, scratch, ")
        assert "glass" in line

    def test_a_start_with_a_network_of_its_own_is_refused(self, studio: Studio) -> None:
        studio.publish("glass", own_body=True)
        studio.drop()
        assert fails(studio, start_from="glass") == (
            "wave: start_from='glass': it has a network of its own, not the body that styles are "
            "fitted with now: choose nearest or scratch"
        )

    def test_a_damaged_style_is_none_to_begin_with(self, studio: Studio) -> None:
        sha256 = studio.publish("glass")
        studio.ops.write(Style("glass").model(sha256), b"torn")
        studio.drop()
        assert "start_from='glass': " in fails(studio, start_from="glass")


def test_the_fine_body_is_fitted_to_the_painting_and_the_standard_style_stays(
    studio: Studio,
) -> None:
    of_fine = small_body(FINE_BODY)
    fine = Style.of("wave", FINE)
    etag = studio.drop()
    studio.instance.add_dynamic_partitions("styles", [fine.key])
    standard = made(studio.run(tags={UPLOAD_TAG: etag}))
    metadata = made(studio.run(fine, tags={UPLOAD_TAG: etag}))
    assert (standard["body"], metadata["body"]) == (tiny_body().digest, of_fine.digest)
    assert trained_styles(studio.ops)["wave"] == standard["model_hash"]
    assert trained_styles(studio.ops, FINE)["wave"] == metadata["model_hash"]
    found = model(studio, metadata["model_hash"])
    assert (found.style, found.body) == ("wave", of_fine.digest)
    assert fine.checkpoint not in studio.stored()
    # Of a style to begin with, the version of the same body is meant.
    again = made(studio.run(fine, start_from="wave"))
    assert again["started_from"] == "wave"
