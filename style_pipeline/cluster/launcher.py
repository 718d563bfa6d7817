"""Until 0.1 the place of `pipeline_kit.execution.pod_launcher`."""

from pipeline_kit.execution.pod_launcher import PodRunLauncher

__all__ = ["PodRunLauncher"]
