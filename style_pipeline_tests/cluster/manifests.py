"""What Kubernetes would refuse of a Job, checked strictly against its schemas."""

import kubernetes_validate

from style_pipeline_tests.cluster.scheduler import Manifest

SCHEMA = "1.33"


def problem_of(manifest: Manifest) -> str:
    """What Kubernetes would refuse: fields it does not know, and volumes that do not agree."""
    try:
        kubernetes_validate.validate(dict(manifest), SCHEMA, strict=True)
    except kubernetes_validate.ValidationError as error:
        return str(error)
    spec = manifest["spec"]["template"]["spec"]
    volumes = [volume["name"] for volume in spec.get("volumes", [])]
    if len(volumes) > len(set(volumes)):
        return f"volumes: {volumes} should have names of their own"
    mounts = [mount["name"] for each in spec["containers"] for mount in each["volumeMounts"]]
    if set(mounts) != set(volumes):
        return f"volumeMounts: {mounts} should be of volumes: {volumes}"
    return ""
