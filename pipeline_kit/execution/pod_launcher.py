"""Every run is one pod, which has what its steps ask for."""

from collections.abc import Sequence
from typing import Any

from dagster import DagsterRun, DagsterRunStatus
from dagster_k8s import K8sRunLauncher
from dagster_k8s.client import DagsterK8sAPIRetryLimitExceeded, DagsterK8sUnrecoverableAPIError
from dagster_k8s.container_context import K8sContainerContext
from dagster_k8s.job import (
    UserDefinedDagsterK8sConfig,
    get_job_name_from_run_id,
    get_user_defined_k8s_config,
)
from kubernetes.client import ApiException

from pipeline_kit.execution.impatient_client import impatient_client
from pipeline_kit.execution.starting import Watch, why_over
from pipeline_kit.orchestration.dagster_private import (
    CheckRunHealthResult,
    DagsterUserCodeUnreachableError,
    LaunchRunContext,
    WorkerStatus,
)


class PodRunLauncher(K8sRunLauncher):
    """A `K8sRunLauncher` whose pods ask for what the tag `dagster-k8s/config` of their ops says.

    Dagster's own launcher ignores ops, and its k8s_job_executor starts a second pod for each step.
    Then a step that waits for a GPU counts as started, so that no start timeout ends its waiting;
    and every pod needs the right to start pods. Here the run waits, and only the daemon and the web
    server may talk to the cluster.
    """

    _watch: Watch | None = None

    def __init__(self, *args: Any, **config: Any) -> None:
        super().__init__(*args, **config)
        self._api_client = impatient_client()

    def daemon_started(self) -> None:
        """Start the thread that watches runs which have not reported yet."""
        self._watch = self._watch or Watch(self._instance, self)

    def dispose(self) -> None:
        if self._watch:
            self._watch.stop()
        super().dispose()

    def launch_run(self, context: LaunchRunContext) -> None:
        """Dagster's own, but that a run waits in the queue while the cluster does not answer.

        The queue would fail it, and each of its retries a minute later.
        """
        try:
            super().launch_run(context)
        except (DagsterK8sAPIRetryLimitExceeded, DagsterK8sUnrecoverableAPIError) as error:
            status = getattr(error.k8s_api_exception, "status", None)
            if status == 409:  # an attempt that was not answered had made the Job
                self._report_run_worker_created(context.dagster_run)
            elif status is None or status in (401, 429) or status >= 500:
                # The one error after which the queue takes a run back.
                raise DagsterUserCodeUnreachableError(
                    f"The cluster's API does not answer: {error.k8s_api_exception}"
                ) from error
            else:
                raise

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Raises where the cluster does not answer: monitoring then asks again.

        Dagster's own says UNKNOWN, for which monitoring fails the run, although it goes on.
        """
        why = why_over(self._job(run))
        return CheckRunHealthResult(WorkerStatus.FAILED if why else WorkerStatus.RUNNING, why)

    def job_and_pods(self, run: DagsterRun) -> tuple[Any, Sequence[Any]]:
        """See `pipeline_kit.execution.starting.Launcher`."""
        job = self._job(run)
        name, namespace = self._job_name(run)
        pods = self._api_client.get_pods_in_job(job_name=name, namespace=namespace) if job else []
        return job, pods

    def _job(self, run: DagsterRun) -> Any:
        """Its V1JobStatus, or None where there is none."""
        name, namespace = self._job_name(run)
        try:
            return self._api_client.batch_api.read_namespaced_job_status(name, namespace).status
        except ApiException as error:
            if error.status == 404:
                return None
            raise

    def _job_name(self, run: DagsterRun) -> tuple[str, str]:
        """And its namespace."""
        name: str = get_job_name_from_run_id(run.run_id)  # type: ignore[no-untyped-call]
        namespace = self.get_container_context_for_run(run).namespace
        assert namespace
        return name, namespace

    def get_container_context_for_run(self, dagster_run: DagsterRun) -> K8sContainerContext:
        context = K8sContainerContext.create_for_run(dagster_run, self, include_run_tags=False)
        asked = [self._deadline(), *self._asked_by_steps(dagster_run)]
        # What somebody writes into the launchpad goes before all.
        for config in (*asked, get_user_defined_k8s_config(dagster_run.tags)):
            context = context.merge(K8sContainerContext(run_k8s_config=config))
        return context

    def get_run_worker_debug_info(
        self, run: DagsterRun, include_container_logs: bool | None = True
    ) -> str | None:
        """What is known of a run's pod; of a run that is given up, the pod is removed as well."""
        try:
            return super().get_run_worker_debug_info(run, include_container_logs)
        finally:
            # The daemon asks before it gives up on a run that did not start, or was not canceled
            # in time, and says nothing more: the Job would take a GPU as soon as one came.
            if run.status in (DagsterRunStatus.STARTING, DagsterRunStatus.CANCELING):
                name, namespace = self._job_name(run)
                self._api_client.delete_job(job_name=name, namespace=namespace)

    def _asked_by_steps(self, run: DagsterRun) -> list[UserDefinedDagsterK8sConfig]:
        """What the run's steps ask for; what needs a GPU comes last, and goes before the rest."""
        if not run.execution_plan_snapshot_id:
            return []
        plan = self._instance.get_execution_plan_snapshot(run.execution_plan_snapshot_id)
        asked = [
            get_user_defined_k8s_config(step.tags or {})
            for step in plan.steps
            if step.key in plan.step_keys_to_execute
        ]
        return sorted(asked, key=_needs_gpu)

    def _deadline(self) -> UserDefinedDagsterK8sConfig:
        """Kubernetes ends what nobody watches any more."""
        start, run = (
            self._instance.run_monitoring_start_timeout_seconds,
            self._instance.run_monitoring_max_runtime_seconds,
        )
        deadline = {"active_deadline_seconds": start + run} if start and run else {}
        return UserDefinedDagsterK8sConfig(job_spec_config=deadline)


def _needs_gpu(config: UserDefinedDagsterK8sConfig) -> bool:
    resources: dict[str, Any] = config.container_config.get("resources", {})
    return "nvidia.com/gpu" in resources.get("limits", {})
