"""What is lost with a pod: one chunk, for a while."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline_kit_tests.cluster.kubelet import Pod
from pipeline_kit_tests.waiting import wait_for
from style_pipeline_tests.clips import make_clip
from style_pipeline_tests.cluster.conftest import Deployment, deployed, gpu_node
from style_pipeline_tests.dagster_dev import INSTANCE, DagsterDev, Run, stopped
from style_pipeline_tests.following import FINISHED, attempts, outcomes, runs_of, wait_for_the_end

RETRIES: int = INSTANCE["run_retries"]["max_retries"]
pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def deployment(azurite: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """With three GPU nodes."""
    with deployed(azurite, tmp_path_factory.mktemp("cluster")) as deployment:
        for number in range(3):
            deployment.cluster.add_node(gpu_node(f"gpu-{number}"))
        yield deployment


def held_chunk(deployment: Deployment, *, but: frozenset[str] = frozenset()) -> Pod:
    """The pod of a chunk whose step has just begun; of none of the runs in `but`.

    Its process is stopped: small chunks would be done before anybody could look at them.
    """

    def begun() -> Pod | None:
        for pod in deployment.cluster.pods():
            if not pod.gpus or not pod.process or pod.ended or pod.run_id in but:
                continue
            if "STEP_START" in pod.log.read_text() and stopped(pod.process.pid):
                return pod
        return None

    pod = wait_for("a chunk to be painted", begun, every=0.02)
    assert pod
    assert "STEP_OUTPUT" not in pod.log.read_text()
    return pod


def at_work(deployment: Deployment, clip: str, *, but: frozenset[str] = frozenset()) -> Run:
    """The run of a clip's chunk that is held."""
    pod = held_chunk(deployment, but=but)
    return next(run for run in runs_of(deployment.dev, clip) if run.run_id == pod.run_id)


def go_on(pod: Pod) -> None:
    assert pod.process
    pod.process.send_signal(signal.SIGCONT)


def pod_of(deployment: Deployment, run: Run) -> Pod:
    (pod,) = deployment.cluster.pods_of(run.run_id)
    return pod


def published(deployment: Deployment, run: Run) -> bool:
    video, _, slot = run.partition.partition("|")
    with deployment.ops.client as client:
        return bool(client.get_blob_client(f"work/{video}/segments/{slot}.mp4").exists())


def lose_node(deployment: Deployment, pod: Pod) -> None:
    deployment.cluster.lose_node(pod.node)
    deployment.cluster.add_node(gpu_node(pod.node))


def evict(deployment: Deployment, pod: Pod) -> None:
    deployment.cluster.evict(pod)
    go_on(pod)


def kill_for_memory(deployment: Deployment, pod: Pod) -> None:
    assert pod.process
    pod.process.send_signal(signal.SIGKILL)


@pytest.mark.parametrize("harm", [lose_node, evict, kill_for_memory])
def test_a_lost_pod_costs_its_chunk_and_the_film_is_made_by_itself(
    deployment: Deployment, tmp_path: Path, harm: Callable[[Deployment, Pod], None]
) -> None:
    clip = f"{harm.__name__}.mp4"
    deployment.drop(make_clip(tmp_path / clip, frames=8))
    lost = at_work(deployment, clip)
    harm(deployment, pod_of(deployment, lost))
    wait_for("the pod to be gone", lambda: pod_of(deployment, lost).ended)
    assert not published(deployment, lost)
    runs = wait_for_the_end(deployment.dev, clip, films=1)
    assert attempts(runs) == {"000": 1, "001": 1} | {lost.partition[-3:]: 2}
    assert outcomes(runs)["audio", "SUCCESS"] == 1


def test_a_chunk_that_is_lost_again_and_again_is_missing_until_a_backfill(
    deployment: Deployment, tmp_path: Path
) -> None:
    dev, clip = deployment.dev, "cursed.mp4"
    deployment.drop(make_clip(tmp_path / clip, frames=3))
    tried: frozenset[str] = frozenset()
    for _ in range(1 + RETRIES):
        run = at_work(deployment, clip, but=tried)
        tried |= {run.run_id}
        kill_for_memory(deployment, pod_of(deployment, run))
    wait_for(
        "the last run to be given up",
        lambda: outcomes(runs_of(dev, clip))["styled_frames", "FAILURE"] == 1 + RETRIES,
    )
    assert states_of_chunks(dev, f"brushwork/{clip}") == {"000": "failed"}
    assert not outcomes(runs_of(dev, clip))["styled_video", "SUCCESS"]

    dev.backfill("styled_frames", f"brushwork/{clip}|000")
    runs = wait_for_the_end(dev, clip, films=1)
    assert attempts(runs) == {"000": 1 + RETRIES + 1}
    (made,) = [r for r in runs if r.assets == {"styled_frames"} and r.status == "SUCCESS"]
    assert pod_of(deployment, made).gpus == 1


def test_terminating_a_chunk_from_the_ui_ends_its_pod_and_it_is_not_tried_again(
    deployment: Deployment, tmp_path: Path
) -> None:
    dev, clip = deployment.dev, "terminated.mp4"
    deployment.drop(make_clip(tmp_path / clip, frames=3))
    run = at_work(deployment, clip)
    dev.cancel(run)
    go_on(pod_of(deployment, run))
    wait_for("the run to end", lambda: runs_of(dev, clip)[-1].status in FINISHED)
    wait_for("the pod to be gone", lambda: pod_of(deployment, run).deleted)
    looked = dev.ticks("automation")[0]
    wait_for("two more looks", lambda: dev.ticks("automation")[1] > looked)
    assert outcomes(runs_of(dev, clip)) == {
        ("audio", "SUCCESS"): 1,
        ("styled_frames", "CANCELED"): 1,
    }
    assert not published(deployment, run)
    assert pod_of(deployment, run).job not in deployment.cluster.jobs


def test_two_videos_share_the_gpus_that_the_pool_allows(
    deployment: Deployment, tmp_path: Path
) -> None:
    dev, clips = deployment.dev, ["left.mp4", "right.mp4"]
    for clip in clips:
        deployment.drop(make_clip(tmp_path / clip, frames=8))
    held = [held_chunk(deployment)]
    held.append(held_chunk(deployment, but=frozenset({held[0].run_id})))
    try:
        wait_for("the other chunks to be queued", lambda: len(queued_chunks(dev, clips)) == 2)
        # A later run that needs no GPU overtakes them: the daemon came to them and left them.
        deployment.drop(make_clip(tmp_path / "later.mp4", frames=3))
        wait_for("the later video", lambda: outcomes(runs_of(dev, "later.mp4"))["audio", "SUCCESS"])
        with_gpu = [pod for pod in deployment.cluster.pods() if pod.gpus and not pod.ended]
        assert {pod.run_id for pod in with_gpu} == {pod.run_id for pod in held}, (
            "the pool allows two, although there are three GPUs"
        )
    finally:
        for pod in held:
            go_on(pod)
    for clip in clips:
        assert attempts(wait_for_the_end(dev, clip, films=1)) == {"000": 1, "001": 1}
    wait_for_the_end(dev, "later.mp4", films=1)


def test_a_chunk_for_which_no_node_comes_is_given_up_and_leaves_nothing_that_would_take_one(
    azurite: str, tmp_path: Path
) -> None:
    with deployed(azurite, tmp_path, start_timeout_seconds=40) as deployment:
        clip = "nodeless.mp4"
        deployment.drop(make_clip(tmp_path / clip, frames=3))

        def given_up() -> list[Run]:
            runs = runs_of(deployment.dev, clip)
            return [r for r in runs if r.assets == {"styled_frames"} and r.status == "FAILURE"]

        run = wait_for("the chunk's run to be given up", given_up)[0]
        assert pod_of(deployment, run).process is None
        assert pod_of(deployment, run).job not in deployment.cluster.jobs
        told = "\n".join(deployment.dev.messages(run.run_id))
        assert "longer than 40 seconds to start" in told
        assert "didn't match Pod's node affinity/selector" in told


def queued_chunks(dev: DagsterDev, clips: list[str]) -> list[Run]:
    runs = [run for clip in clips for run in runs_of(dev, clip)]
    return [run for run in runs if run.assets == {"styled_frames"} and run.status == "QUEUED"]


def states_of_chunks(dev: DagsterDev, video: str) -> dict[str, str]:
    """What the UI's grid shows of a video's chunks that have frames."""
    data = dev.ask(
        """{ assetNodeOrError(assetKey: {path: ["styled_frames"]}) { ... on AssetNode {
            assetPartitionStatuses { ... on MultiPartitionStatuses { ranges {
                primaryDimStartKey primaryDimEndKey
                secondaryDim { ... on DefaultPartitionStatuses {
                    materializedPartitions failedPartitions
                } }
            } } }
        } } }"""
    )
    states: dict[str, str] = {}
    for found in data["assetNodeOrError"]["assetPartitionStatuses"]["ranges"]:
        if found["primaryDimStartKey"] <= video <= found["primaryDimEndKey"]:
            failed = found["secondaryDim"]["failedPartitions"]
            states |= dict.fromkeys(failed, "failed")
    return states


def test_a_pod_that_is_killed_before_its_process_reports_is_replaced_within_a_minute(
    azurite: str, tmp_path: Path
) -> None:
    with deployed(azurite, tmp_path) as deployment:
        clip = "early.mp4"
        deployment.drop(make_clip(tmp_path / clip, frames=3))
        cluster, dev = deployment.cluster, deployment.dev
        pod = wait_for(
            "a pod", lambda: next((p for p in cluster.pods() if p.process), None), every=0.02
        )
        assert pod is not None
        assert pod.process
        pod.process.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        wait_for("it to be failed", lambda: outcomes(runs_of(dev, clip))["audio", "FAILURE"])
        assert time.monotonic() - killed < 60
        assert "RUN_START" not in pod.log.read_text()
        deployment.cluster.add_node(gpu_node("gpu-0"))
        runs = wait_for_the_end(dev, clip, films=1)
        assert outcomes(runs)["audio", "SUCCESS"] == 1
