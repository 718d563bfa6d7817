"""Places that dagster.yaml named until 0.1; `pipeline_kit.execution` has what is there."""
