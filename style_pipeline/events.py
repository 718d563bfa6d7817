"""Events of other assets than the one that a step or a sensor is for."""

import dagster as dg

from pipeline_kit.orchestration.data_versions import observation

CURRENT_STYLE = dg.AssetKey("current_style")


def observed(video: str, version: str, *, model_hash: str, settings: str) -> dg.AssetObservation:
    """The event that the folder of the video of that key stands for `version` from now on.

    `settings` is the name of its `style.toml`, if there is one.
    """
    return observation(
        CURRENT_STYLE,
        video,
        version,
        metadata={"model_hash": model_hash, "settings": settings or "none"},
    )
