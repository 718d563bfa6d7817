"""Until 0.1 the place of `pipeline_kit.execution.queue`, whose config now says which tag counts."""

from typing import Any

from pipeline_kit.execution.queue import FairRunCoordinator as Queue


class FairRunCoordinator(Queue):
    """The queue as it was: the chunks of a video take turns with those of others."""

    def __init__(self, **config: Any) -> None:
        super().__init__(**{"turns": {"dagster/partition/video_chunk": 300}, **config})
