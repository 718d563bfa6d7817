"""Both stores in folders, a painting, a few photographs, and networks so small that training takes
a second; as a program, a studio whose training waits for ever after some iterations."""

import io
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pytest
import torch
from PIL import Image

from pipeline_kit.orchestration import checkpoint
from style_pipeline.assets import style_model
from style_pipeline.object_names import Style
from style_pipeline.resources import trainer
from style_pipeline.resources.models import publish_model
from style_pipeline.resources.trainer import Trainer
from style_pipeline.status import training_log
from style_pipeline.styles import FINE_BODY
from style_pipeline.stylization import model_file
from style_pipeline.stylization.model_file import Body, save_model
from style_pipeline.training.recipe import FitRecipe
from style_pipeline_tests.assets.journey import failure, retries, values
from style_pipeline_tests.assets.local import Local
from style_pipeline_tests.training.quick import tiny_body
from style_pipeline_tests.training.vggs import save_vgg

WAVE = Style("wave")
ITERATIONS = 12


def tiny_recipe(**changes: Any) -> FitRecipe:
    return FitRecipe(view=64, crop=64, crops=1, painting_side=64, **changes)


def picture(seed: int, *, kind: str = "PNG", size: tuple[int, int] = (100, 80)) -> bytes:
    """A picture of a few soft colors."""
    small = np.random.default_rng(seed).integers(0, 256, (5, 6, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(small).resize(size, Image.Resampling.BICUBIC).save(buffer, kind)
    return buffer.getvalue()


@dataclass(frozen=True)
class Studio(Local):
    @property
    def weights(self) -> Path:
        return self.root / "weights/vgg.safetensors"

    def drop(self, style: Style = WAVE, *, content: bytes = b"", extension: str = "png") -> str:
        """Drop a painting; its ETag."""
        self.instance.add_dynamic_partitions("styles", [style.key])
        return self.media.write(f"styles/{style.name}.{extension}", content or picture(1)).etag

    def publish(self, name: str, *, own_body: bool = False) -> str:
        """A style of the tiny body, or one with a body of its own; its hash."""
        body = tiny_body()
        path = self.root / f"{name}.safetensors"
        sha256 = save_model(
            path,
            body.network(body.styles[0]),
            style=name,
            recipe={},
            data={},
            artwork_sha256="",
            body="" if own_body else body.digest,
        )
        publish_model(self.ops, style=name, path=path, sha256=sha256)
        return sha256

    def trainer(self, **settings: Any) -> Trainer:
        given: dict[str, Any] = {
            "device": "cpu",
            "photographs": str(self.root / "media/photographs"),
            "perceptual_weights": str(self.weights),
        }
        return Trainer(**(given | settings))

    def run(
        self,
        style: Style = WAVE,
        *,
        settings: dict[str, Any] | None = None,
        tags: dict[str, str] | None = None,
        **config: Any,
    ) -> dg.ExecuteInProcessResult:
        return dg.materialize(
            [style_model.style_model],
            partition_key=style.key,
            instance=self.instance,
            tags=tags,
            resources={
                "media": self.media,
                "ops": self.ops,
                "trainer": self.trainer(**(settings or {})),
            },
            run_config={
                "ops": {
                    "style_model": {
                        "config": {"iterations": ITERATIONS, "start_from": "scratch", **config}
                    }
                }
            },
            raise_on_error=False,
        )

    def stored(self) -> list[str]:
        return [found.name for found in self.ops.list()]


def small_body(digest: str) -> Body:
    """In place of the one that ships, and another in place of the fine one."""
    fine = tiny_body(seed=1)
    return fine if digest in (FINE_BODY, fine.digest) else tiny_body()


@contextmanager
def new_studio(root: Path) -> Iterator[Studio]:
    (root / "scratch").mkdir(parents=True)
    (root / "weights").mkdir()
    save_vgg(root / "weights/vgg.safetensors")
    home = str(root / "dagster")
    with dg.DagsterInstance.ephemeral(home) as instance, pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(root / "scratch"))
        patch.setattr(trainer, "FitRecipe", tiny_recipe)
        patch.setattr(model_file, "load_body", small_body)
        patch.setattr(style_model, "CHECKPOINT_EVERY", 1)
        patch.setattr(training_log, "OBSERVATIONS", 2)
        patch.setattr(checkpoint, "SECONDS_BETWEEN_UPLOADS", 0)
        patch.setattr(dg.RetryPolicy, "calculate_delay", lambda policy, attempt: 0)
        studio = Studio(root, instance)
        for number in range(3):
            studio.media.write(f"photographs/{number}.png", picture(10 + number))
        yield studio


def made(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    assert result.success, failure(result)
    (event,) = result.get_asset_materialization_events()
    return values(event.materialization)


def said(studio: Studio, result: dg.ExecuteInProcessResult) -> str:
    return "\n".join(entry.message for entry in studio.instance.all_logs(result.run_id))


def fails(studio: Studio, **options: Any) -> str:
    """What a person reads after a failure that is final at once and leaves nothing behind."""
    before = studio.stored()
    result = studio.run(**options)
    line = failure(result)
    assert "\n" not in line
    assert retries(result) == 0
    assert not result.get_asset_materialization_events()
    assert studio.stored() == before
    assert list((studio.root / "scratch").iterdir()) == []
    return line


def main() -> None:
    torch.set_num_threads(1)
    root, waits_after = Path(sys.argv[1]), int(sys.argv[2])

    class Waiting(checkpoint.Checkpoint):
        trained = 0

        def upload_now_and_then(self) -> None:
            super().upload_now_and_then()
            self.trained += 1
            if self.trained == waits_after:
                print("waiting", flush=True)
                threading.Event().wait()

    with new_studio(root) as studio, pytest.MonkeyPatch.context() as patch:
        patch.setattr(style_model, "Checkpoint", Waiting)
        studio.drop()
        studio.run()


if __name__ == "__main__":
    main()
