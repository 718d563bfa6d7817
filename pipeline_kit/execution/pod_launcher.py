"""Every run is one pod, which has what its steps ask for."""

from collections.abc import Sequence
from typing import Any

from dagster import DagsterRun, DagsterRunStatus
from dagster_k8s import K8sRunLauncher
from dagster_k8s.container_context import K8sContainerContext
from dagster_k8s.job import (
    UserDefinedDagsterK8sConfig,
    get_job_name_from_run_id,
    get_user_defined_k8s_config,
)

from pipeline_kit.execution.starting import Watch


class PodRunLauncher(K8sRunLauncher):
    """A `K8sRunLauncher` whose pods ask for what the tag `dagster-k8s/config` of their ops says.

    Dagster's own launcher ignores ops, and its k8s_job_executor starts a second pod for each step.
    Then a step that waits for a GPU counts as started, so that no start timeout ends its waiting;
    and every pod needs the right to start pods. Here the run waits, and only the daemon and the web
    server may talk to the cluster.
    """

    _watch: Watch | None = None

    def daemon_started(self) -> None:
        """Start the thread that watches runs which have not reported yet."""
        self._watch = self._watch or Watch(self._instance, self)

    def dispose(self) -> None:
        if self._watch:
            self._watch.stop()
        super().dispose()

    def job_and_pods(self, run: DagsterRun) -> tuple[Any, Sequence[Any]]:
        """See `pipeline_kit.execution.starting.Launcher`."""
        name = get_job_name_from_run_id(run.run_id)  # type: ignore[no-untyped-call]
        namespace = self.get_container_context_for_run(run).namespace
        job = self._api_client.get_job_status(job_name=name, namespace=namespace)
        pods = self._api_client.get_pods_in_job(job_name=name, namespace=namespace) if job else []
        return job, pods

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
                self._api_client.delete_job(
                    job_name=get_job_name_from_run_id(run.run_id),  # type: ignore[no-untyped-call]
                    namespace=self.get_container_context_for_run(run).namespace,
                )

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
