"""Progress that is counted in frames."""

from pipeline_kit.orchestration.progress import Progress


class FrameProgress(Progress):
    """Progress in frames, whose rate is in frames per second."""

    unit, rate_unit = "frames", "fps"
