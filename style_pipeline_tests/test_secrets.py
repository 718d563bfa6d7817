"""What opens the containers is told nobody who looks at Dagster."""

import json
from pathlib import Path
from urllib.parse import unquote

import dagster as dg
import pytest
from dagster._core.workspace.load_target import ModuleTarget

from pipeline_kit_tests.azurite import new_container
from pipeline_kit_tests.waiting import wait_for
from pipeline_kit_tests.web_server import web_server
from style_pipeline.settings import PREFIX
from style_pipeline_tests.clips import make_clip
from style_pipeline_tests.dagster_dev import DagsterDev
from style_pipeline_tests.following import FINISHED

INSTANCE = {
    "compute_logs": {
        "module": "pipeline_kit.execution.pod_logs",
        "class": "BlobLogs",
        "config": {"settings": "STYLE_PIPELINE_LOGS_"},
    },
    "run_launcher": {"module": "dagster._core.launcher", "class": "DefaultRunLauncher"},
    "run_coordinator": {
        "module": "dagster._core.run_coordinator",
        "class": "DefaultRunCoordinator",
    },
}
LOCATION = "style_pipeline.definitions"

EVERYTHING = """{
    instance { info }
    runsOrError { ... on Runs { results {
        runConfigYaml tags { key value }
        eventConnection { events {
            ... on MessageEvent { message }
            ... on ErrorEvent { error { message stack errorChain { error { message stack } } } }
            ... on LogsCapturedEvent { logKey }
        } }
    } } }
    workspaceOrError { ... on Workspace { locationEntries { locationOrLoadError {
        ... on RepositoryLocation { repositories {
            allTopLevelResourceDetails {
                name configFields { name defaultValueAsJson } configuredValues { key value type }
            }
        } }
    } } } }
}"""


def test_a_run_that_storage_refuses_shows_no_secret_in_the_ui_the_logs_or_the_database(
    azurite: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    media, ops, logs = containers = [new_container(azurite) for _ in range(3)]
    # The run may write nothing, which is what it fails for.
    tokens = [
        media.sas_token("read", "list"),
        ops.sas_token("read", "list"),
        logs.sas_token("read", "write", "create"),
    ]
    for name, container, token in zip(("MEDIA", "OPS", "LOGS"), containers, tokens, strict=True):
        monkeypatch.setenv(f"{PREFIX}{name}_URL", container.url)
        monkeypatch.setenv(f"{PREFIX}{name}_ENDPOINT", container.endpoint)
        monkeypatch.setenv(f"{PREFIX}{name}_SAS_TOKEN", token)
    clip = make_clip(tmp_path / "clip.mp4", frames=3)
    media.store().upload(clip, "videos/brushwork/clip.mp4")

    with dg.instance_for_test(overrides=INSTANCE) as instance:
        instance.add_dynamic_partitions("videos", ["brushwork/clip.mp4"])
        target = ModuleTarget(
            LOCATION, attribute=None, working_directory=None, location_name=LOCATION
        )
        with web_server(instance, target) as server:
            ui = DagsterDev(server.port, tmp_path)
            ui.materialize("audio", "brushwork/clip.mp4")
            (run,) = ui.runs()
            wait_for("storage to refuse", lambda: refused(ui))
            ui.cancel(run)
            wait_for("the end", lambda: ui.runs()[0].status in FINISHED)
            shown = json.dumps(ui.ask(EVERYTHING))
        home = Path(instance.root_directory)
        shown += "".join(f.read_bytes().decode("latin1") for f in home.rglob("*") if f.is_file())
    with logs.client as client:
        printed = [
            client.download_blob(blob).readall().decode() for blob in client.list_blob_names()
        ]
    assert [text for text in printed if "STEP_UP_FOR_RETRY" in text], "the pod's own words are kept"
    shown += "".join((*printed, *capfd.readouterr()))

    for token in tokens:
        signature = next(part for part in token.split("&") if part.startswith("sig="))
        assert signature not in shown
        assert unquote(signature).removeprefix("sig=") not in shown
    assert f"{PREFIX}OPS_SAS_TOKEN" in shown, "the UI names the variable"
    assert f"{ops.name}/work" in shown, "and where what cannot be written should be"


def refused(ui: DagsterDev) -> bool:
    return "cannot write" in json.dumps(ui.ask(EVERYTHING)) or "FAILURE" in str(ui.runs())
