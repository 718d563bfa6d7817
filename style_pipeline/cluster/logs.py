"""Until 0.1 the place of `pipeline_kit.execution.pod_logs`, whose config now says the prefix."""

from typing import Any

from pipeline_kit.execution.pod_logs import BlobLogs as Logs


class BlobLogs(Logs):
    """Logs as they were kept: in the container that `STYLE_PIPELINE_LOGS_URL` names."""

    def __init__(self, **config: Any) -> None:
        super().__init__(**{**config, "settings": "STYLE_PIPELINE_LOGS_"})
