"""The objects that deploy.sh applies, rendered by Terraform itself."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline_kit_tests.cluster.manifests import schema_problem_of
from style_pipeline_tests.deploy.terraform import DEPLOY

pytestmark = pytest.mark.skipif(shutil.which("terraform") is None, reason="there is no terraform")

ACCOUNTS = {
    who: f"style-pipeline-{who}" for who in ("services", "cpu", "gpu", "sensors", "faq", "scoring")
}


def rendered(folder: Path, *, gpu_fallback: bool) -> list[dict[str, Any]]:
    variables = {
        "namespace": "style-pipeline",
        "service_accounts": ACCOUNTS,
        "client_ids": dict.fromkeys(ACCOUNTS, "00000000-0000-0000-0000-000000000000"),
        "settings": {"STYLE_PIPELINE_MIN_FRAMES": "3000"},
        "gpu_fallback": gpu_fallback,
    }
    template = DEPLOY / "terraform" / "cluster.yaml.tftpl"
    said = subprocess.run(
        ["terraform", "console"],
        cwd=folder,
        input=f"jsonencode(templatefile({json.dumps(str(template))}, {json.dumps(variables)}))",
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return list(yaml.safe_load_all(json.loads(json.loads(said.splitlines()[-1]))))


@pytest.mark.parametrize("gpu_fallback", [False, True])
def test_kubernetes_knows_every_field_of_them(tmp_path: Path, gpu_fallback: bool) -> None:
    objects = rendered(tmp_path, gpu_fallback=gpu_fallback)
    assert [schema_problem_of(each) for each in objects if schema_problem_of(each)] == []
    names = [each["metadata"]["name"] for each in objects]
    assert {*ACCOUNTS.values(), "style-pipeline-settings", "own-namespace-only"} <= {*names}
    assert ("cluster-autoscaler-priority-expander" in names) == gpu_fallback


def test_the_spot_pool_is_tried_before_the_regular_one(tmp_path: Path) -> None:
    (expander,) = (
        each
        for each in rendered(tmp_path, gpu_fallback=True)
        if each["metadata"]["name"] == "cluster-autoscaler-priority-expander"
    )
    priorities = yaml.safe_load(expander["data"]["priorities"])
    assert priorities == {10: [".*"], 20: ["^aks-gpu-.*"]}
