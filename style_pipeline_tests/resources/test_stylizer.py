import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
import torch

from pipeline_kit.storage.store import Store
from style_pipeline.resources.models import publish_model, trained_styles
from style_pipeline.resources.stylizer import Stylizer
from style_pipeline.styles import shipped_styles
from style_pipeline.stylization.engine import Engine


@pytest.fixture
def ops(tmp_path: Path) -> Store:
    return Store(url=(tmp_path / "ops").as_uri())


def load(
    ops: Store, folder: Path, *, device: str = "cpu", style: str = "brushwork", sha256: str = ""
) -> Engine:
    wanted = sha256 or trained_styles(ops)[style]
    engine, _ = Stylizer(device=device).load(ops, models={style: wanted}, folder=folder)
    return engine


@pytest.mark.parametrize("name", shipped_styles())
def test_every_shipped_style_is_loaded(name: str, ops: Store, tmp_path: Path) -> None:
    assert load(ops, tmp_path, style=name).device_name.startswith("CPU, ")


def test_a_style_that_was_trained_here_is_loaded(ops: Store, tmp_path: Path) -> None:
    sha256 = trained_styles(ops)["brushwork"]
    publish_model(ops, style="mine", path=shipped_styles()["brushwork"], sha256=sha256)
    (tmp_path / "fetched").mkdir()
    load(ops, tmp_path / "fetched", style="mine")
    assert [path.stem for path in (tmp_path / "fetched").iterdir()] == [sha256]


def test_auto_without_a_gpu_is_the_cpu(
    monkeypatch: pytest.MonkeyPatch, ops: Store, tmp_path: Path
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert load(ops, tmp_path, device="auto").device_name.startswith("CPU, ")


def imports_torch(program: str, *arguments: object) -> bool:
    """Whether a process that ends with that has imported it."""
    program = f"import sys\n{dedent(program)}\nprint('torch' in sys.modules)"
    command = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.strip() == "True"


PAINT = """
from pathlib import Path
import numpy as np
from style_pipeline.resources.models import trained_styles
from pipeline_kit.storage.store import Store
from style_pipeline.resources.stylizer import Stylizer
from style_pipeline.stylization.color import shape_of
folder, size = Path(sys.argv[1]), (int(sys.argv[2]), int(sys.argv[3]))
ops = Store(url=(folder / "ops").as_uri())
models = {"brushwork": trained_styles(ops)["brushwork"]}
engine, vectors = Stylizer(device="cpu").load(ops, models=models, folder=folder)
if sys.argv[4:]:
    engine._backend._max_pixels = int(sys.argv[4])
pictures = [np.full(shape_of(size), 90, np.uint8)]
how = dict(size=size, matrix="bt709", full_range=False, strength=0.5)
assert list(engine.style(pictures, vectors["brushwork"], **how))
"""


@pytest.mark.parametrize("size", [(64, 48), (63, 47)], ids=["even", "odd"])
def test_a_cpu_paints_without_torch(tmp_path: Path, size: tuple[int, int]) -> None:
    assert not imports_torch(PAINT, tmp_path, *size)


def test_torch_is_imported_for_tiles(tmp_path: Path) -> None:
    assert imports_torch(PAINT, tmp_path, 64, 48, 1)
