"""The scoring service as its pod runs it: the real command, on a root that is read-only."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from pipeline_kit.storage.store import Store
from pipeline_kit_tests.cluster.manifests import problem_of, schema_problem_of
from pipeline_kit_tests.waiting import wait_for
from scoring_service.access import hash_of
from scoring_service.metrics import REGISTRY
from scoring_service.settings import OPS, PREFIX, ServiceSettings
from scoring_service_tests.serving import FAQ, publish
from style_pipeline_tests.dagster_dev import free_port
from style_pipeline_tests.deploy.container import Container, can_be_read_only
from style_pipeline_tests.deploy.terraform import DEPLOY, TEXT, blocks

SERVICE = DEPLOY / "service"


def objects(text: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Those of a file, by kind and name."""
    return {(each["kind"], each["metadata"]["name"]): each for each in yaml.safe_load_all(text)}


OBJECTS = objects((SERVICE / "deployment/deployment.yaml").read_text()) | objects(
    (SERVICE / "everything/access.yaml").read_text()
)
NAME = "scoring-service"
POD = OBJECTS["Deployment", NAME]["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]
SET = {each["name"]: each["value"] for each in CONTAINER["env"]}


def test_kubernetes_knows_every_field() -> None:
    own = [each for each in OBJECTS.values() if "gateway" not in each["apiVersion"]]
    assert len(own) == 5
    assert [schema_problem_of(each) for each in own if schema_problem_of(each)] == []
    assert problem_of(OBJECTS["Deployment", NAME]) == ""


def test_its_pod_is_restricted() -> None:
    context = CONTAINER["securityContext"]
    assert (context["runAsNonRoot"], context["runAsUser"]) == (True, 10001)
    assert context["allowPrivilegeEscalation"] is False
    assert context["readOnlyRootFilesystem"] is True
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert CONTAINER["resources"]["limits"]["memory"]


def test_every_setting_that_is_set_is_one_that_is_read() -> None:
    known = {each.name for each in ServiceSettings.documented(PREFIX)} | {f"{OPS}URL"}
    named = {name for name in SET if name.startswith(PREFIX)}
    assert named
    assert named <= known
    assert f"{OPS}URL" in TEXT


def test_it_ends_within_the_time_that_it_is_given() -> None:
    drain, deadline = (float(SET[f"{PREFIX}{n}_SECONDS"]) for n in ("DRAIN", "DEADLINE"))
    assert drain + deadline < POD["terminationGracePeriodSeconds"]
    probe = CONTAINER["readinessProbe"]
    # It is noticed to be ending while it still answers.
    assert probe["periodSeconds"] * probe["failureThreshold"] < drain


def test_the_largest_video_that_is_taken_fits_on_its_disk() -> None:
    (volume,) = POD["volumes"]
    limit = int(volume["emptyDir"]["sizeLimit"].removesuffix("Gi")) << 30
    assert limit > 1.1 * 1e9 * ServiceSettings().upload_gigabytes


def test_everything_selects_the_same_pods_and_plain_http_is_redirected() -> None:
    labels = OBJECTS["Deployment", NAME]["spec"]["template"]["metadata"]["labels"]
    for found in (
        OBJECTS["Service", NAME]["spec"]["selector"],
        OBJECTS["PodDisruptionBudget", NAME]["spec"]["selector"]["matchLabels"],
        OBJECTS["NetworkPolicy", NAME]["spec"]["podSelector"]["matchLabels"],
        OBJECTS["Deployment", NAME]["spec"]["selector"]["matchLabels"],
    ):
        assert found.items() <= labels.items()
    (rule,) = OBJECTS["HTTPRoute", f"{NAME}-redirect"]["spec"]["rules"]
    assert rule["filters"][0]["requestRedirect"]["scheme"] == "https"
    (rule,) = OBJECTS["HTTPRoute", NAME]["spec"]["rules"]
    assert "/metrics" not in json.dumps(rule)


@pytest.mark.parametrize(
    "variable", ["service", "service_monitoring", "ddos_protection", "defender"]
)
def test_what_costs_money_is_off_unless_it_is_asked_for(variable: str) -> None:
    (declared,) = (block[variable] for block in blocks("variable") if variable in block)
    assert declared["default"] is False


def test_alerts_dashboard_and_scaling_ask_for_metrics_that_there_are() -> None:
    text = (SERVICE / "monitoring.yaml").read_text()
    objects = {each["kind"]: each for each in yaml.safe_load_all(text)}
    panels = json.loads(objects["ConfigMap"]["data"]["scoring-service.json"])["panels"]
    assert all(panel["targets"] for panel in panels)
    asked = set(re.findall(r"scoring_[a-z_]+", text))
    parts = {"counter": ["_total"], "gauge": [""], "histogram": ["_bucket", "_sum", "_count"]}
    there = {f"{metric.name}{part}" for metric in REGISTRY.collect() for part in parts[metric.type]}
    assert asked
    assert asked <= there


@pytest.mark.skipif(not can_be_read_only(), reason="there are no mount namespaces")
def test_the_command_of_its_pod_serves_on_a_root_that_is_read_only(tmp_path: Path) -> None:
    ops = Store(url=(tmp_path / "ops").as_uri())
    publish(ops, tmp_path)
    settings = {
        **SET,
        f"{PREFIX}HOST": "127.0.0.1",
        f"{PREFIX}PORT": str(port := free_port()),
        f"{PREFIX}DRAIN_SECONDS": "0",
        f"{PREFIX}KEYS": f"shop:{hash_of('key')}",
        f"{PREFIX}FAQ": FAQ,
        f"{OPS}URL": ops.url,
    }
    container = Container(tmp_path / "container", settings)
    container.make()
    words = [sys.executable, *CONTAINER["command"][1:]]
    with container.running(words) as (process, printed):

        def answer(path: str) -> int:
            assert process.poll() is None, printed.read_text()
            try:
                return httpx.get(f"http://127.0.0.1:{port}{path}").status_code
            except httpx.TransportError:
                return 0

        ready = CONTAINER["readinessProbe"]["httpGet"]["path"]
        wait_for("readiness", lambda: answer(ready) == 200, seconds=120)
        assert answer(CONTAINER["livenessProbe"]["httpGet"]["path"]) == 200
        asked = httpx.post(
            f"http://127.0.0.1:{port}/v1/faq/match",
            json={"question": "my card is lost"},
            headers={"X-API-Key": "key"},
        )
        assert asked.json()["matches"][0]["id"] == "lost-card"


def test_what_its_image_lacks_is_not_asked_for() -> None:
    code = (
        "import scoring_service.__main__, sys;"
        "print(*{'dagster', 'matplotlib', 'ffmpeg', 'sklearn'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
