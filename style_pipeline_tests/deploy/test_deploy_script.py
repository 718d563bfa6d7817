"""deploy.sh, with tools in its PATH that write down how they are called and do nothing."""

import os
import subprocess
from pathlib import Path

import pytest

from style_pipeline_tests.deploy.terraform import DEPLOY

TOOL = """#!/bin/sh
echo "$(basename "$0") $*" >>"$CALLS"
case "$(basename "$0") $*" in
  "terraform "*" output -raw cluster_objects") echo "objects style-pipeline-gpu:TAG" ;;
  "terraform "*" output -raw "*) for last; do :; done; echo "the-$last" ;;
  "git describe "*) echo "$TAG" ;;
  "az acr repository show "*) test -e "$CLOUD/$9" ;;
  "az acr build "*) touch "$CLOUD/$6" ;;
  "kubectl "*" get secret "*) test -e "$CLOUD/secret" ;;
  "kubectl "*" create secret "*) cp "${7##*=}" "$CLOUD/secret" ;;
  "az postgres "*) for last; do :; done; cp "${last#@}" "$CLOUD/password" ;;
  "kubectl apply "*) cat >"$CLOUD/objects" ;;
esac
"""


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
            "TMPDIR": str(self.folder),
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
