from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from style_pipeline.stylization import model_file
from style_pipeline.training import body_command, fit_command
from style_pipeline.training.recipe import FitRecipe
from style_pipeline_tests.training.quick import tiny_body
from style_pipeline_tests.training.vggs import save_vgg


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Noise as photographs and painting, a VGG-19 four channels wide, and a tiny body."""
    rng = np.random.default_rng(0)
    for name in ("photographs/a", "photographs/b", "photographs/c", "painting"):
        path = tmp_path / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (72, 100, 3), dtype=np.uint8)).save(path)
    (tmp_path / "photographs/readme.txt").write_text("no picture")
    save_vgg(tmp_path / "vgg.safetensors")
    for module in (model_file, body_command, fit_command):
        monkeypatch.setattr(module, "load_body", lambda digest: tiny_body())

    def tiny_recipe(**given: float) -> FitRecipe:
        return FitRecipe(view=64, crop=64, crops=1, painting_side=64, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(fit_command, "FitRecipe", tiny_recipe)
    return tmp_path
