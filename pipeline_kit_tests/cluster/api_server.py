"""The part of the Kubernetes API that Dagster's run launcher uses, over http."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pipeline_kit_tests.cluster.control_plane import SILENT, Cluster
from pipeline_kit_tests.cluster.kubelet import Pod
from pipeline_kit_tests.cluster.manifests import problem_of
from pipeline_kit_tests.cluster.objects import NAMESPACE, event_object, job_object, pod_object


class ApiServer(BaseHTTPRequestHandler):
    cluster: Cluster

    def parse_request(self) -> bool:
        """Whether the request is to be answered as usual."""
        if not super().parse_request():
            return False
        refusal = self.cluster.refusal
        if refusal is SILENT:
            threading.Event().wait(2)
        elif refusal:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._refuse(refusal, "the control plane is not well")
        return not refusal

    def do_GET(self) -> None:
        kind, name, part = self._path()
        if kind == "jobs" and name:
            self._answer_with(job_object, self.cluster.jobs.get(name))
        elif kind == "jobs":
            self._answer_list("JobList", job_object, list(self.cluster.jobs.values()))
        elif kind == "pods" and part == "log":
            pod = self._pod(name)
            self._answer_text(pod.log.read_text() if pod and pod.log.exists() else "")
        elif kind == "pods" and name:
            self._answer_with(pod_object, self._pod(name))
        elif kind == "pods":
            self._answer_list("PodList", pod_object, self.cluster.pods())
        elif kind == "events":
            self._answer_list("EventList", event_object, self.cluster.pods())
        else:
            self._refuse(404, f"{self.path} is not part of this double")

    def do_POST(self) -> None:
        manifest = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self._path() != ("jobs", "", ""):
            self._refuse(404, f"{self.path} is not part of this double")
        elif problem := problem_of(manifest):
            self._refuse(422, problem)
        elif manifest["metadata"]["name"] in self.cluster.jobs:
            self._refuse(409, "it is there already")
        else:
            self._answer_with(job_object, self.cluster.create_job(manifest), status=201)

    def do_DELETE(self) -> None:
        kind, name, _ = self._path()
        if kind == "jobs" and name in self.cluster.jobs:
            self.cluster.delete_job(name)
        elif kind == "pods" and (pod := self._pod(name)):
            self.cluster.delete_pod(pod)
        else:
            self._refuse(404, f"{name} is not there")
            return
        self._answer({"kind": "Status", "apiVersion": "v1", "status": "Success"})

    def _path(self) -> tuple[str, str, str]:
        """Kind, name and part: `jobs`, `painting`, `status`; what is not said is empty."""
        before, _, after = urlsplit(self.path).path.partition(f"/namespaces/{NAMESPACE}/")
        known = before in ("/api/v1", "/apis/batch/v1")
        kind, name, part = (*after.split("/"), "", "")[:3] if known else ("", "", "")
        return kind, name, part

    def _pod(self, name: str) -> Pod | None:
        return next((pod for pod in self.cluster.pods() if pod.name == name), None)

    def _answer_with(self, show: Any, found: Any, *, status: int = 200) -> None:
        if found is None:
            self._refuse(404, f"{self.path} is not there")
        else:
            self._answer(show(found), status=status)

    def _answer_list(self, kind: str, show: Any, found: list[Any]) -> None:
        query = parse_qs(urlsplit(self.path).query)
        items = [show(each) for each in found]
        for selector in query.get("labelSelector", []):
            label, _, value = selector.partition("=")
            items = [it for it in items if it["metadata"]["labels"].get(label) == value]
        for selector in query.get("fieldSelector", []):
            field, _, value = selector.partition("=")
            outer, inner = field.split(".")
            items = [it for it in items if it[outer][inner] == value]
        version = "batch/v1" if kind == "JobList" else "v1"
        self._answer({"kind": kind, "apiVersion": version, "metadata": {}, "items": items})

    def _refuse(self, status: int, message: str) -> None:
        answer = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message}
        self._answer({**answer, "code": status}, status=status)

    def _answer(self, content: Mapping[str, Any], *, status: int = 200) -> None:
        self._send(json.dumps(content).encode(), "application/json", status)

    def _answer_text(self, text: str) -> None:
        self._send(text.encode(), "text/plain", 200)

    def _send(self, body: bytes, kind: str, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None: ...


@contextmanager
def serving(cluster: Cluster, kubeconfig: Path) -> Iterator[None]:
    """Serve the cluster on this machine, and write a kubeconfig that leads there."""
    handler = type("Handler", (ApiServer,), {"cluster": cluster})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        place = {"server": f"http://127.0.0.1:{server.server_address[1]}"}
        # JSON is YAML.
        kubeconfig.write_text(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "current-context": "double",
                    "clusters": [{"name": "double", "cluster": place}],
                    "users": [{"name": "double", "user": {"token": "of a double"}}],
                    "contexts": [
                        {"name": "double", "context": {"cluster": "double", "user": "double"}}
                    ],
                }
            )
        )
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
