"""What Kubernetes would refuse, checked strictly against its schemas."""

import kubernetes_validate

from pipeline_kit_tests.cluster.scheduler import Manifest

VERSIONS = ("1.34", "1.35", "1.36")
"""Those that Azure offers."""


def schema_problem_of(manifest: Manifest) -> str:
    """What any of these versions would refuse."""
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(dict(manifest), version, strict=True)
        except kubernetes_validate.ValidationError as error:
            return f"{version}: {error}"
    return ""


def problem_of(manifest: Manifest) -> str:
    """What Kubernetes would refuse: fields it does not know, and volumes that do not agree."""
    if problem := schema_problem_of(manifest):
        return problem
    spec = manifest["spec"]["template"]["spec"]
    volumes = [volume["name"] for volume in spec.get("volumes", [])]
    if len(volumes) > len(set(volumes)):
        return f"volumes: {volumes} should have names of their own"
    mounts = [mount["name"] for each in spec["containers"] for mount in each["volumeMounts"]]
    if set(mounts) != set(volumes):
        return f"volumeMounts: {mounts} should be of volumes: {volumes}"
    return ""
