"""What people are told of an hour."""

from collections.abc import Mapping
from typing import Any

from pipeline_kit.orchestration.notifications import Notice, Notifier
from sensor_pipeline.settings import notification_settings


def notifier() -> Notifier:
    """As it is set now."""
    return notification_settings().notifier()


def anomalies_notice(hour: str, metadata: Mapping[str, Any]) -> Notice | None:
    """Nothing where nothing is unusual."""
    events = int(metadata.get("events", 0))
    if not events:
        return None
    return Notice(
        kind="anomalies",
        title=f"{hour} UTC: {events} unusual event{'s' if events > 1 else ''}",
        text=str(metadata.get("worst", "")),
        facts={"hour": hour, "events": events, "version": int(metadata.get("version", 0))},
    )
