"""The cluster's API, asked by requests that end."""

from typing import Any

from dagster_k8s.client import DagsterKubernetesClient, PatchedApiClient
from kubernetes.client import BatchV1Api, CoreV1Api

PATIENCE = 10.0
"""Seconds for a request. Kubernetes' own client waits as long as the connection seems to be there,
and with it the daemon: a control plane that lost its network says nothing for a quarter of an hour.
"""


class _Impatient(PatchedApiClient):
    def request(self, *args: Any, **options: Any) -> Any:
        options["_request_timeout"] = options.get("_request_timeout") or PATIENCE
        return super().request(*args, **options)


def impatient_client() -> DagsterKubernetesClient:
    """Dagster's own, of the cluster that `kubernetes.config` was last told of."""
    api = _Impatient()
    client: DagsterKubernetesClient = DagsterKubernetesClient.production_client(  # type: ignore[no-untyped-call]
        batch_api_override=BatchV1Api(api), core_api_override=CoreV1Api(api)
    )
    return client
