import io
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from PIL import Image

from style_pipeline.assets import training_log
from style_pipeline.assets.failures import RETRIES
from style_pipeline.partitions import UPLOAD_TAG, Style
from style_pipeline.resources.models import fetch_model, publish_model, trained_styles
from style_pipeline.resources.stores import Store, StoreError
from style_pipeline.stylization.model_file import StyleModel, load_model
from style_pipeline.training.loop import train
from style_pipeline_tests.assets.journey import failure, picture_in, values
from style_pipeline_tests.assets.studio import ITERATIONS, WAVE, Studio, new_studio, picture

PUBLISH = "style_pipeline.assets.style_model.publish_model"


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    with new_studio(tmp_path / "studio") as studio:
        yield studio


def made(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    assert result.success, failure(result)
    (event,) = result.get_asset_materialization_events()
    return values(event.materialization)


def said(studio: Studio, result: dg.ExecuteInProcessResult) -> str:
    return "\n".join(entry.message for entry in studio.instance.all_logs(result.run_id))


def retries(result: dg.ExecuteInProcessResult) -> int:
    return sum(event.is_step_up_for_retry for event in result.all_events)


def observed(result: dg.ExecuteInProcessResult) -> list[int]:
    """The iterations at which a training was looked at."""
    return [
        int(str(event.asset_observation_data.asset_observation.metadata["iteration"].value))
        for event in result.get_asset_observation_events()
    ]


def model(studio: Studio, sha256: str, style: Style = WAVE) -> StyleModel:
    folder = studio.root / "scratch"
    return load_model(fetch_model(studio.ops, style=style.key, sha256=sha256, folder=folder))


def test_a_painting_becomes_a_style_under_the_hash_of_its_network(studio: Studio) -> None:
    etag = studio.drop()
    result = studio.run(tags={UPLOAD_TAG: etag})
    metadata = made(result)
    sha256 = metadata["model_hash"]
    assert trained_styles(studio.ops)["wave"] == sha256
    assert set(studio.stored()) == {WAVE.current_model, WAVE.model(sha256)}
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
    assert picture_in(metadata["samples"]).size == (960, 160)
    assert list((studio.root / "scratch").glob("tmp*")) == []


def test_a_training_can_be_watched(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_log, "SECONDS_BETWEEN_LINES", 0)
    monkeypatch.setattr(training_log, "OBSERVATIONS", 10)
    studio.drop()
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


def test_the_network_follows_the_settings(studio: Studio) -> None:
    studio.drop()
    metadata = made(studio.run(iterations=0, style_weight=3.5, settings={"iterations": 3}))
    assert metadata["iterations"] == 3
    recipe = model(studio, metadata["model_hash"]).metadata["recipe"]
    assert '"style_weight": 3.5' in recipe


class TestStart:
    def test_a_new_style_begins_with_a_trained_one(self, studio: Studio) -> None:
        studio.publish("glass")
        studio.drop()
        metadata = made(studio.run(start_from="nearest"))
        assert metadata["started_from"] == "glass"
        trained = model(studio, metadata["model_hash"])
        glass = trained_styles(studio.ops)["glass"]
        assert f'"started_from": "{glass}"' in trained.metadata["data"]
        assert '"learning_rate": 0.001' in trained.metadata["recipe"]

    def test_it_never_begins_with_itself_unless_told_to(self, studio: Studio) -> None:
        studio.publish("wave")
        studio.drop()
        assert made(studio.run(start_from="nearest"))["started_from"] == "scratch"
        assert made(studio.run(start_from="wave"))["started_from"] == "wave"

    def test_a_start_that_there_is_not_is_refused_beside_those_that_there_are(
        self, studio: Studio
    ) -> None:
        studio.publish("glass")
        studio.drop()
        line = fails(studio, start_from="fresco")
        assert line.startswith("wave: start_from='fresco' should be one of nearest, scratch, ")
        assert "glass" in line

    def test_a_start_of_another_architecture_is_refused(self, studio: Studio) -> None:
        studio.publish("glass", architecture="transformer")
        studio.drop()
        assert fails(studio, start_from="glass") == (
            "wave: start_from='glass': its network is not of the slim architecture that is "
            "trained now: choose nearest or scratch"
        )

    def test_a_damaged_style_is_none_to_begin_with(self, studio: Studio) -> None:
        sha256 = studio.publish("glass")
        studio.ops.write(Style("glass").model(sha256), b"torn")
        studio.drop()
        result = studio.run(start_from="nearest")
        assert made(result)["started_from"] == "scratch"
        assert "style 'glass' is none to begin with: " in said(studio, result)


def fails(studio: Studio, **options: Any) -> str:
    """What a person reads after a failure that is final at once and leaves nothing behind."""
    before = studio.stored()
    result = studio.run(**options)
    line = failure(result)
    assert "\n" not in line
    assert retries(result) == 0
    assert not result.get_asset_materialization_events()
    assert studio.stored() == before
    assert list((studio.root / "scratch").iterdir()) == []
    return line


def cmyk() -> bytes:
    buffer = io.BytesIO()
    Image.new("CMYK", (100, 100)).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"no picture", "is not a whole JPEG, PNG or WebP picture: export it as one"),
        (picture(1)[:400], "is damaged or ends too early: export it again"),
        (
            picture(1, size=(1, 1)),
            "has 1x1 pixels: it needs at least 64 a side, better 500",
        ),
        (cmyk(), "has CMYK colours: export it as RGB"),
    ],
)
def test_a_bad_painting_fails_once_and_clearly(studio: Studio, content: bytes, wrong: str) -> None:
    studio.drop(content=content)
    assert fails(studio) == f"wave: wave.png {wrong}, and drop it anew"


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
        "wave: there are several paintings, styles/wave.JPG, styles/wave.png: delete all but one"
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
        return train(*arguments, **options)

    monkeypatch.setattr("style_pipeline.training.job.train", replaced_meanwhile)
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


class TestResume:
    def test_a_training_that_is_killed_goes_on_and_gives_the_same_network(
        self, studio: Studio, tmp_path: Path
    ) -> None:
        studio.drop()
        whole = made(studio.run())["model_hash"]
        killed = tmp_path / "killed"
        program = [sys.executable, "-m", "style_pipeline_tests.assets.studio", str(killed), "5"]
        with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
            assert run.stdout
            assert run.stdout.readline() == b"waiting\n"
            run.send_signal(signal.SIGKILL)
        other = Studio(killed, studio.instance)
        assert len(other.stored()) == 1
        result = other.run()
        metadata = made(result)
        assert "wave: going on with a training of 12 iterations" in said(other, result)
        assert metadata["resumed"] is True
        assert metadata["model_hash"] == whole
        assert len(other.stored()) == 2
        assert min(observed(result)) > 5

    def test_storage_that_fails_at_the_end_costs_no_iteration(
        self, studio: Studio, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        studio.drop()
        failures = iter([StoreError("connection reset")])

        def unsteady(*arguments: Any, **options: Any) -> None:
            for error in failures:
                raise error
            publish_model(*arguments, **options)

        monkeypatch.setattr(PUBLISH, unsteady)
        result = studio.run()
        assert made(result)["resumed"] is True
        assert retries(result) == 1
        seen = observed(result)
        assert len(seen) == len(set(seen))

    @pytest.mark.parametrize("change", ["painting", "recipe"])
    def test_a_checkpoint_of_another_training_is_not_gone_on_from(
        self, studio: Studio, monkeypatch: pytest.MonkeyPatch, change: str
    ) -> None:
        studio.drop()

        def broken(*arguments: Any, **options: Any) -> None:
            raise StoreError("the store is away")

        with monkeypatch.context() as patch:
            patch.setattr(PUBLISH, broken)
            result = studio.run()
        assert failure(result) == "wave: the store is away"
        assert retries(result) == RETRIES.max_retries
        (left,) = studio.stored()
        assert left.startswith(WAVE.checkpoint)

        if change == "painting":
            studio.drop(content=picture(2))
        result = studio.run(seed=2 if change == "recipe" else 1)
        assert made(result)["resumed"] is False
        assert "is of another painting, recipe or start: training begins anew" in said(
            studio, result
        )
        assert len(studio.stored()) == 2

    def test_a_checkpoint_that_cannot_be_stored_ends_no_training(
        self, studio: Studio, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        studio.drop()
        upload = Store.upload

        def refusing(store: Store, source: Path, name: str) -> Any:
            if "checkpoint" in name:
                raise StoreError("it is full")
            return upload(store, source, name)

        monkeypatch.setattr(Store, "upload", refusing)
        result = studio.run()
        assert made(result)["model_hash"]
        assert "the checkpoint could not be stored: it is full" in said(studio, result)


def test_the_asset_needs_no_torch_before_it_runs() -> None:
    program = (
        "import sys, style_pipeline.assets.style_model; "
        "sys.exit('torch' in sys.modules or 'matplotlib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
