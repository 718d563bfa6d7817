"""A film made by pods: from zero GPU nodes, from the drop to what was printed."""

import json
from pathlib import Path
from urllib.parse import unquote

import pytest

from pipeline_kit_tests.waiting import wait_for
from style_pipeline.media.indexing import index_frames
from style_pipeline_tests.clips import make_clip
from style_pipeline_tests.cluster.conftest import Deployment, gpu_node
from style_pipeline_tests.dagster_dev import Run
from style_pipeline_tests.following import outcomes, runs_of, wait_for_the_end

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def film(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    """The runs of a film that was dropped while there was no GPU node."""
    cluster = deployment.cluster
    deployment.drop(make_clip(tmp_path_factory.mktemp("clip") / "zero.mp4", frames=3))
    (waiting,) = wait_for(
        "the chunk to wait for a node",
        lambda: [pod for pod in cluster.pods() if pod.gpus and pod.waits_because],
    )
    assert "didn't match Pod's node affinity/selector" in waiting.waits_because
    cluster.add_node(gpu_node("gpu-0"))
    runs = wait_for_the_end(deployment.dev, "zero.mp4", films=1, seconds=240)
    wait_for("the pods to end", lambda: all(pod.ended for pod in cluster.pods()))
    return runs


def test_a_chunk_waits_for_a_node_and_the_film_follows(
    film: list[Run], deployment: Deployment, tmp_path: Path
) -> None:
    assert outcomes(film) == {
        ("audio", "SUCCESS"): 1,
        ("styled_frames", "SUCCESS"): 1,
        ("styled_video", "SUCCESS"): 1,
    }
    made = tmp_path / "film.mp4"
    with deployment.media.client as client:
        made.write_bytes(client.download_blob("styled/brushwork/zero.mp4").readall())
    assert len(index_frames(made)) == 3


def test_every_run_is_one_pod_and_chunks_alone_have_a_gpu(
    film: list[Run], deployment: Deployment
) -> None:
    for run in film:
        (pod,) = deployment.cluster.pods_of(run.run_id)
        on_gpu = run.assets == {"styled_frames"}
        image = "style-pipeline-gpu:tests" if on_gpu else "style-pipeline-cpu:tests"
        assert (pod.gpus, pod.node) == ((1, "gpu-0") if on_gpu else (0, "cpu-0"))
        assert pod.container["image"] == image
        assert not pod.spec["automountServiceAccountToken"]


def test_no_job_outlives_what_it_may_take(film: list[Run], deployment: Deployment) -> None:
    for run in film:
        (pod,) = deployment.cluster.pods_of(run.run_id)
        spec = deployment.cluster.jobs[pod.job].spec
        assert spec["activeDeadlineSeconds"] == 600 + 3600
        assert spec["ttlSecondsAfterFinished"] == 3600
        assert spec["backoffLimit"] == 0


def test_what_every_pod_prints_is_in_blob_storage_and_in_the_ui(
    film: list[Run], deployment: Deployment
) -> None:
    with deployment.logs.client as client:
        kept = {blob.name for blob in client.list_blobs()}
    for run in film:
        (key,) = logs_of(deployment, run)
        assert {f"dagster/storage/{'/'.join(key)}.{kind}" for kind in ("out", "err")} <= kept
        assert "STEP_SUCCESS" in printed(deployment, key)


def test_no_secret_is_shown(film: list[Run], deployment: Deployment) -> None:
    shown = [pod.log.read_text() for pod in deployment.cluster.history]
    shown += [json.dumps(job.manifest) for job in deployment.cluster.jobs.values()]
    shown.append(json.dumps(deployment.dev.ask(EVERYTHING)))
    for run in film:
        shown += deployment.dev.messages(run.run_id)
        shown += [printed(deployment, key) for key in logs_of(deployment, run)]
    home = deployment.dev.folder
    shown += [path.read_bytes().decode("latin1") for path in home.rglob("*") if path.is_file()]
    assert "STYLE_PIPELINE_MEDIA_SAS_TOKEN" in "".join(shown)
    for secret in deployment.secrets.values():
        signature = next(part for part in secret.split("&") if part.startswith("sig="))
        for form in (signature, unquote(signature).removeprefix("sig=")):
            assert not [text for text in shown if form in text]


EVERYTHING = """{
    runsOrError { ... on Runs { results { runConfigYaml tags { key value } } } }
    instance { info runLauncher { name } }
    workspaceOrError { ... on Workspace { locationEntries { locationOrLoadError {
        ... on RepositoryLocation { repositories { allTopLevelResourceDetails {
            name configFields { name } configuredValues { key value }
        } } }
    } } } }
}"""


def logs_of(deployment: Deployment, run: Run) -> list[list[str]]:
    """The keys of what a run's process printed."""
    data = deployment.dev.ask(
        """query ($runId: ID!) { logsForRun(runId: $runId) { ... on EventConnection {
            events { ... on LogsCapturedEvent { fileKey } }
        } } }""",
        runId=run.run_id,
    )
    keys = [event["fileKey"] for event in data["logsForRun"]["events"] if event]
    return [[run.run_id, "compute_logs", key] for key in keys]


def printed(deployment: Deployment, key: list[str]) -> str:
    """What the UI shows of a run's output."""
    data = deployment.dev.ask(
        "query ($key: [String!]!) { capturedLogs(logKey: $key) { stdout stderr } }", key=key
    )
    return (data["capturedLogs"]["stdout"] or "") + (data["capturedLogs"]["stderr"] or "")


def test_a_chunk_that_is_materialized_from_the_ui_is_a_gpu_pod_as_well(
    film: list[Run], deployment: Deployment
) -> None:
    """Those above were launched by the automation; a backfill is in test_lost_pods.py."""
    dev = deployment.dev
    before = {run.run_id for run in dev.runs()}
    dev.materialize("styled_frames", "brushwork/zero.mp4|000")

    def clicked() -> list[Run]:
        return [r for r in runs_of(dev, "zero.mp4") if r.run_id not in before]

    (run, *_) = wait_for("the run of the click", clicked)
    (pod,) = wait_for("its pod", lambda: deployment.cluster.pods_of(run.run_id))
    assert pod.gpus == 1
