import time
from pathlib import Path

import kubernetes.config
import pytest
from urllib3.exceptions import HTTPError

from pipeline_kit.execution import impatient_client
from pipeline_kit_tests.cluster.api_server import serving
from pipeline_kit_tests.cluster.control_plane import SILENT, Cluster
from pipeline_kit_tests.cluster.objects import NAMESPACE


def test_a_control_plane_that_says_nothing_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = Cluster(tmp_path, {})
    with serving(cluster, tmp_path / "kubeconfig"):
        kubernetes.config.load_kube_config(str(tmp_path / "kubeconfig"))
        jobs = impatient_client.impatient_client().batch_api
        assert jobs.list_namespaced_job(NAMESPACE).items == []
        monkeypatch.setattr(impatient_client, "PATIENCE", 0.05)
        cluster.refusal, began = SILENT, time.monotonic()
        with pytest.raises(HTTPError):
            jobs.list_namespaced_job(NAMESPACE)
        assert time.monotonic() - began < 10 * impatient_client.PATIENCE + 0.5
