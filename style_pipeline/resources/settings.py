"""What assets and sensors are handed, as settings say."""

from pipeline_kit.orchestration.store_resource import StoreResource, store_resources
from pipeline_kit.orchestration.telemetry import send_spans_to
from pipeline_kit.storage.settings import local_url
from pipeline_kit.storage.store import Store
from style_pipeline.resources.ffmpeg import FFmpeg
from style_pipeline.resources.stylizer import Stylizer
from style_pipeline.resources.trainer import Trainer
from style_pipeline.settings import PREFIX, check_settings, load_settings, store_settings


def resources() -> dict[str, StoreResource | Stylizer | Trainer | FFmpeg]:
    """All resources by name. Raises `BadSetting` naming the variable that is wrong."""
    check_settings()
    settings = load_settings()
    send_spans_to(settings.telemetry, service="style-pipeline")
    return {
        **store_resources(PREFIX, ("MEDIA", "OPS")),
        "stylizer": Stylizer(device=settings.device, price_per_hour=settings.price_per_hour),
        "trainer": Trainer(
            device=settings.device,
            photographs=settings.photographs,
            perceptual_weights=settings.perceptual_weights,
            iterations=settings.training_iterations,
        ),
        "ffmpeg": FFmpeg(preset=settings.preset, crf=settings.crf),
    }


def store(name: str) -> Store:
    """The store `MEDIA` or `OPS`; locally a folder of that name in the project's."""
    return store_settings(name).store(default_url=local_url(name))
