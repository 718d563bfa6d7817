"""The device that stylizes and trains, as it is set."""

from typing import Final

from pipeline_kit.machine.interrupts import interrupts_held

NO_GPU: Final = "STYLE_PIPELINE_DEVICE is cuda, but torch finds no GPU here"


def missing_device(device: str) -> str | None:
    """Why there is no such device here, and what to do; None where there is."""
    with interrupts_held():  # torch is imported where there is a driver
        from style_pipeline.stylization.device import has_gpu

        lacks_gpu = device == "cuda" and not has_gpu()
    return f"{NO_GPU}: set auto or cpu" if lacks_gpu else None
