"""The dagster.yaml that Dagster's chart makes of the values, but for the database."""

import re
from pathlib import Path
from typing import Any

import yaml

from style_pipeline_tests.deploy.terraform import DEPLOY

VALUES: dict[str, Any] = yaml.safe_load((DEPLOY / "values.yaml").read_text())


def snake_case(value: Any) -> Any:
    """Keys as dagster.yaml has them, where the chart has camelCase."""
    if not isinstance(value, dict):
        return value
    return {
        re.sub(r"(?<!^)(?=[A-Z])", "_", key).lower(): snake_case(inner)
        for key, inner in value.items()
    }


def dagster_yaml(database: Path) -> str:
    """SQLite in a folder stands in for PostgreSQL."""
    daemon = VALUES["dagsterDaemon"]
    custom = {
        "run_launcher": VALUES["runLauncher"]["config"]["customRunLauncher"],
        "run_coordinator": daemon["runCoordinator"]["config"]["customRunCoordinator"],
        "compute_logs": VALUES["computeLogManager"]["config"]["customComputeLogManager"],
    }
    settings = {
        "run_monitoring": snake_case(daemon["runMonitoring"]),
        "run_retries": snake_case(daemon["runRetries"]),
        "concurrency": snake_case(_enabled(VALUES["concurrency"])),
        "retention": snake_case(_enabled(VALUES["retention"])),
        "telemetry": VALUES["telemetry"],
    }
    storage = {"storage": {"sqlite": {"base_dir": str(database)}}}
    return str(yaml.safe_dump({**storage, **custom, **settings}))


def _enabled(section: dict[str, Any]) -> dict[str, Any]:
    assert section["enabled"]
    return {name: value for name, value in section.items() if name != "enabled"}
