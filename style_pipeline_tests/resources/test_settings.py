import logging
from pathlib import Path
from urllib.parse import unquote

import dagster as dg
import pytest
from dagster._core.remote_representation.external_data import RepositorySnap

from pipeline_kit.orchestration.store_resource import StoreResource
from pipeline_kit_tests.azurite import ACCOUNT_KEY, AzureContainer, new_container
from style_pipeline.assets.audio import audio
from style_pipeline.assets.frames import frames
from style_pipeline.object_names import Video
from style_pipeline.resources.ffmpeg import FFmpeg
from style_pipeline.resources.settings import resources
from style_pipeline.resources.stylizer import Stylizer
from style_pipeline.resources.trainer import Trainer
from style_pipeline.settings import PREFIX
from style_pipeline_tests.clips import make_clip


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        *("DEVICE", "CRF", "PRESET"),
        *("PHOTOGRAPHS", "PERCEPTUAL_WEIGHTS", "TRAINING_ITERATIONS"),
        *("MEDIA_URL", "MEDIA_ENDPOINT", "MEDIA_SAS_TOKEN", "MEDIA_ACCOUNT_KEY"),
        *("OPS_URL", "OPS_ENDPOINT", "OPS_SAS_TOKEN", "OPS_ACCOUNT_KEY"),
    ):
        monkeypatch.delenv(PREFIX + name, raising=False)


def test_without_settings_all_is_local(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert resources() == {
        "media": StoreResource(url=(tmp_path / "media").as_uri()),
        "ops": StoreResource(url=(tmp_path / "ops").as_uri()),
        "stylizer": Stylizer(device="auto"),
        "trainer": Trainer(device="auto"),
        "ffmpeg": FFmpeg(preset="superfast", crf=16),
    }


@pytest.mark.parametrize(
    ("variable", "value", "resource", "field", "wanted"),
    [
        ("MEDIA_URL", "az://account/media", "media", "url", "az://account/media"),
        ("OPS_URL", "file:///work files", "ops", "url", "file:///work files"),
        ("MEDIA_ENDPOINT", "http://localhost:1", "media", "endpoint", "http://localhost:1"),
        ("OPS_ENDPOINT", "http://localhost:2", "ops", "endpoint", "http://localhost:2"),
        ("PHOTOGRAPHS", "/photos", "trainer", "photographs", "/photos"),
        ("PERCEPTUAL_WEIGHTS", "vgg16", "trainer", "perceptual_weights", "vgg16"),
        ("TRAINING_ITERATIONS", "700", "trainer", "iterations", 700),
        ("PRESET", "veryslow", "ffmpeg", "preset", "veryslow"),
        ("CRF", "0", "ffmpeg", "crf", 0),
        ("CRF", "51", "ffmpeg", "crf", 51),
        ("CRF", "", "ffmpeg", "crf", 16),
        ("DEVICE", "", "stylizer", "device", "auto"),
        ("PRICE_PER_HOUR", "0.9", "stylizer", "price_per_hour", 0.9),
        ("PRICE_PER_HOUR", "0", "stylizer", "price_per_hour", 0.0),
        ("PRICE_PER_HOUR", "", "stylizer", "price_per_hour", None),
    ],
)
def test_each_variable_sets_what_it_names_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    resource: str,
    field: str,
    wanted: object,
) -> None:
    before = resources()
    monkeypatch.setenv(PREFIX + variable, value)
    after = resources()
    assert getattr(after.pop(resource), field) == wanted
    assert after == {name: it for name, it in before.items() if name != resource}


def test_the_device_is_that_of_painting_and_of_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}DEVICE", "cpu")
    made = resources()
    assert made.pop("stylizer") == Stylizer(device="cpu")
    assert made.pop("trainer") == Trainer(device="cpu")


@pytest.mark.parametrize("field", ["sas_token", "account_key"])
def test_a_secret_is_looked_up_only_where_it_is_used(
    monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    variable = f"{PREFIX}OPS_{field.upper()}"
    monkeypatch.setenv(variable, "sesame")
    ops = resources()["ops"]
    assert getattr(ops, field) == dg.EnvVar(variable)
    definitions = dg.Definitions(resources={"ops": ops, "media": StoreResource(url="file:///m")})
    snapshot = dg.serialize_value(RepositorySnap.from_def(definitions.get_repository_def()))
    assert variable in snapshot, "the UI names the variable"
    assert "sesame" not in snapshot + repr(ops) + str(ops) + repr(definitions)


def test_secrets_open_the_containers_and_are_shown_nowhere(
    azurite: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    media, ops = new_container(azurite), new_container(azurite)
    token = media.sas_token("read", "list", "write", "create")
    signature = next(part for part in token.split("&") if part.startswith("sig="))
    secrets = (token, signature, unquote(signature).removeprefix("sig="), ACCOUNT_KEY)
    enter(monkeypatch, "MEDIA", media, SAS_TOKEN=token)
    enter(monkeypatch, "OPS", ops, ACCOUNT_KEY=ACCOUNT_KEY)
    handed = {name: resources()[name] for name in ("media", "ops")}
    video = Video("brushwork/clip.mp4")
    clip = make_clip(tmp_path / "clip.mp4")
    media.store().upload(clip, video.source)

    shown = [repr(handed), str(handed)]
    with dg.DagsterInstance.ephemeral() as instance, caplog.at_level(logging.DEBUG):
        instance.add_dynamic_partitions("videos", [video.key, "brushwork/gone.mp4"])
        for key in instance.get_dynamic_partitions("videos"):
            result = dg.materialize(
                [audio, frames],
                partition_key=key,
                instance=instance,
                resources=handed,
                raise_on_error=False,
            )
            assert result.success == (key == video.key)
            shown += [repr(entry) for entry in instance.all_logs(result.run_id)]
            shown += [dg.serialize_value(entry) for entry in instance.all_logs(result.run_id)]
            shown.append(dg.serialize_value(instance.get_run_by_id(result.run_id)))
    assert [found.name for found in ops.store().list()] == [video.audio("m4a"), video.index]
    shown += [*caplog.messages, caplog.text, *capfd.readouterr()]
    assert video.index in "".join(shown), "the places of objects are shown"
    for secret in secrets:
        assert not [text for text in shown if secret in text]


def enter(
    monkeypatch: pytest.MonkeyPatch, name: str, container: AzureContainer, **credential: str
) -> None:
    settings = {"URL": container.url, "ENDPOINT": container.endpoint, **credential}
    for setting, value in settings.items():
        monkeypatch.setenv(f"{PREFIX}{name}_{setting}", value)
