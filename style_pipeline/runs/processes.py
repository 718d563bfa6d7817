"""Until 0.1 the place of `pipeline_kit.execution.processes`."""

from pipeline_kit.execution.processes import ProcessRunLauncher

__all__ = ["ProcessRunLauncher"]
