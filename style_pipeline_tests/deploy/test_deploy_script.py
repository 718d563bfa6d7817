"""deploy.sh, with tools in its PATH that write down how they are called and do nothing."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from style_pipeline_tests.deploy.terraform import DEPLOY

TOOL = """#!/bin/sh
echo "$(basename "$0") $*" >>"$CALLS"
case "$(basename "$0") $*" in
  "terraform "*" output -raw cluster_objects") echo "objects style-pipeline-gpu:TAG" ;;
  "terraform "*" output -raw service"*)
    for last; do :; done; test -e "$CLOUD/$last" && cat "$CLOUD/$last" || echo ;;
  "terraform "*" output -raw "*) for last; do :; done; echo "the-$last" ;;
  "git describe "*) echo "$TAG" ;;
  "az acr repository show "*) test -e "$CLOUD/$9" ;;
  "az acr build "*) touch "$CLOUD/$6" ;;
  "kubectl "*" get secret "*) test -e "$CLOUD/secret" ;;
  "kubectl "*" create secret "*) cp "${7##*=}" "$CLOUD/secret" ;;
  "az postgres "*) for last; do :; done; cp "${last#@}" "$CLOUD/password" ;;
  "kubectl apply "*) cat >"$CLOUD/objects" ;;
  "kubectl kustomize "*) exec "$KUBECTL" "$@" ;;
  "kubectl --namespace the-namespace apply --filename -")
    cat >>"$CLOUD/applied"
    echo --- >>"$CLOUD/applied" ;;
esac
"""


KUBECTL = shutil.which("kubectl")


class Cloud:
    """What the tools were asked to do, and what is there after it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.calls = folder, folder / "calls"
        (folder / "bin").mkdir()
        for name in ("az", "git", "helm", "kubectl", "kubelogin", "terraform"):
            (folder / "bin" / name).write_text(TOOL)
            (folder / "bin" / name).chmod(0o755)

    def deploy(self, *arguments: str, tag: str = "0123456789ab") -> list[str]:
        """Run deploy.sh; the commands that it ran."""
        self.calls.write_text("")
        environment = {
            **os.environ,
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            **{"CALLS": str(self.calls), "CLOUD": str(self.folder), "TAG": tag},
            **{"TMPDIR": str(self.folder), "KUBECTL": KUBECTL or ""},
        }
        subprocess.run(
            [DEPLOY / "deploy.sh", *arguments], env=environment, check=True, capture_output=True
        )
        return self.calls.read_text().splitlines()


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    return Cloud(tmp_path)


def test_it_begins_with_terraform_and_ends_with_dagster(cloud: Cloud) -> None:
    calls = cloud.deploy("-var=gpu_max_nodes=2")
    assert "terraform -chdir=terraform apply -var=gpu_max_nodes=2" in calls
    assert [call.split()[3] for call in calls if call.startswith("helm")] == [
        "nvidia-device-plugin",
        "dcgm-exporter",
        "dagster",
    ]
    assert (cloud.folder / "objects").read_text() == "objects style-pipeline-gpu:0123456789ab\n"


def test_all_images_are_built_once_a_commit(cloud: Cloud) -> None:
    def built(calls: list[str]) -> list[str]:
        return [call for call in calls if call.startswith("az acr build")]

    first = built(cloud.deploy())
    for image, call in zip(("cpu", "gpu", "sensors", "service"), first, strict=True):
        assert f"--target {image}" in call
    assert built(cloud.deploy()) == []
    assert len(built(cloud.deploy(tag="0123456789ab-dirty"))) == 4


def test_dagster_gets_the_image_of_the_commit_and_the_database(cloud: Cloud) -> None:
    helm = next(
        call for call in cloud.deploy() if call.startswith("helm upgrade --install dagster")
    )
    code_server = "dagster-user-deployments.deployments[0]"
    for container in ("dagsterWebserver", "dagsterDaemon", code_server):
        image = f"{container}.image.repository=the-image-cpu,{container}.image.tag=0123456789ab"
        assert image in helm
    sensors = "dagster-user-deployments.deployments[1]"
    assert f"{sensors}.image.repository=the-image-sensors,{sensors}.image.tag=" in helm
    faqs = "dagster-user-deployments.deployments[2]"
    assert f"{faqs}.image.repository=the-image-sensors,{faqs}.image.tag=" in helm
    assert "postgresql.postgresqlHost=the-database_host" in helm
    assert "concurrency.pools.defaultLimit=the-chunks_at_a_time" in helm
    assert "concurrency.runs.tagConcurrencyLimits[0].limit=the-chunks_at_a_time" in helm


def test_a_password_is_made_once_and_written_nowhere(cloud: Cloud) -> None:
    calls = cloud.deploy()
    password = (cloud.folder / "secret").read_text()
    # Azure wants three kinds of characters.
    assert len(password) == 48
    assert all(any(map(kind, password)) for kind in (str.isupper, str.islower, str.isdigit))
    assert (cloud.folder / "password").read_text() == password
    assert not any(password in call for call in calls)
    assert not list(cloud.folder.glob("tmp.*")), "a temporary file is left"
    assert not any("postgres" in call for call in cloud.deploy() if "update" in call)


renders = pytest.mark.skipif(KUBECTL is None, reason="there is no kubectl")


@renders
@pytest.mark.parametrize("gpus", ["false", "true"])
def test_the_service_gets_its_host_its_image_and_its_canary(cloud: Cloud, gpus: str) -> None:
    digest = "ab" * 32
    outputs = {"service": "true", "service_host": "ask.example.com", "service_gpu": gpus}
    for name, value in {**outputs, "service_canary": digest}.items():
        (cloud.folder / name).write_text(value)
    cloud.deploy()
    applied = [*filter(None, yaml.safe_load_all((cloud.folder / "applied").read_text()))]
    found = {(each["kind"], each["metadata"]["name"]): each for each in applied}
    assert found["HTTPRoute", "scoring-service"]["spec"]["hostnames"] == ["ask.example.com"]
    stable, canary = (
        found["Deployment", name]["spec"] for name in ("scoring-service", "scoring-service-canary")
    )
    assert (stable["selector"]["matchLabels"]["track"], "replicas" in stable) == ("stable", False)
    assert (canary["selector"]["matchLabels"]["track"], canary["replicas"]) == ("canary", 1)
    served = found["Service", "scoring-service"]["spec"]["selector"]
    for spec in (stable, canary):
        assert served.items() <= spec["template"]["metadata"]["labels"].items()
        pod = spec["template"]["spec"]
        (container,) = pod["containers"]
        assert container["image"] == "the-image-service:0123456789ab"
        said = {each["name"]: each["value"] for each in container["env"]}
        assert said["SCORING_SERVICE_HOST"] == "0.0.0.0"
        assert said.get("SCORING_SERVICE_FAQ_DIGEST") == (digest if spec is canary else None)
        on_gpu = container["resources"]["limits"].get("nvidia.com/gpu") == 1
        assert on_gpu == ("nodeSelector" in pod) == (said.get("SCORING_SERVICE_DEVICE") == "cuda")
        assert on_gpu == (gpus == "true")


@renders
def test_a_canary_that_is_no_longer_wanted_is_removed(cloud: Cloud) -> None:
    (cloud.folder / "service").write_text("true")
    calls = cloud.deploy()
    assert any("delete --ignore-not-found deployment scoring-service-canary" in c for c in calls)
