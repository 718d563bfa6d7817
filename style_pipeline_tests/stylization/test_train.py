import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torchvision.models import VGG19_Weights
from torchvision.models.vgg import cfgs, make_layers

from style_pipeline.stylization import train
from style_pipeline.stylization.model_file import load_model
from style_pipeline.stylization.perceptual import BLOCKS, DISTILLED_FILE, VGG_FILE
from style_pipeline.stylization.train import load_artwork, main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Noise as photographs and artwork, and a VGG-19 four channels wide."""
    rng = np.random.default_rng(0)
    torch.manual_seed(0)
    for name in ("photographs/a", "photographs/b", "photographs/c", "artwork"):
        path = tmp_path / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (72, 100, 3), dtype=np.uint8)).save(path)
    (tmp_path / "photographs/readme.txt").write_text("no picture")
    tensors = {"conv0.weight": torch.eye(3)[:, :, None, None], "conv0.bias": torch.zeros(3)}
    for block, depth in enumerate(BLOCKS, start=1):
        for index in range(1, depth + 1):
            inputs = 3 if (block, index) == (1, 1) else 4
            tensors[f"conv{block}_{index}.weight"] = torch.randn(4, inputs, 3, 3) / 4
            tensors[f"conv{block}_{index}.bias"] = torch.zeros(4)
    for file in (VGG_FILE, DISTILLED_FILE):
        save_file(tensors, tmp_path / file)
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, folder: Path, *options: str) -> None:
    arguments = {
        "--artwork": folder / "artwork.png",
        "--photographs": folder / "photographs",
        "--perceptual": folder,
        "--out": folder / "training/noise.safetensors",
        "--iterations": 2,
        "--crop": 64,
        "--artwork-side": 64,
    }
    command = [str(word) for pair in arguments.items() for word in pair]
    monkeypatch.setattr(sys, "argv", ["train", *command, *options])
    main()


def test_without_weights_torchvision_s_vgg19_is_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def downloaded(*, weights: VGG19_Weights) -> SimpleNamespace:
        assert weights is VGG19_Weights.DEFAULT
        return SimpleNamespace(features=make_layers(cfgs["E"]))

    monkeypatch.setattr(train, "vgg19", downloaded)
    run(monkeypatch, folder, "--perceptual", "torchvision", "--iterations", "1")
    model = load_model(folder / "training/noise.safetensors")
    assert '"perceptual": "torchvision vgg19"' in model.metadata["data"]


def test_the_command_trains_samples_and_saves_a_style(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, folder, "--samples-every", "2", "--held-out", "b")
    model = load_model(folder / "training/noise.safetensors")
    assert model.style == "noise"
    assert model.sha256 in capsys.readouterr().out
    assert '"photographs": 2, "held_out": ["b"]' in model.metadata["data"]
    with Image.open(folder / "training/noise.000002.png") as sheet:
        assert sheet.size == (320, 640)


def test_the_command_resumes(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, folder)
    first = capsys.readouterr().out
    run(monkeypatch, folder, "--resume")
    assert capsys.readouterr().out == first


def test_the_command_begins_with_a_trained_style(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "training/noise.safetensors"
    run(monkeypatch, folder)
    first = load_model(path)
    run(monkeypatch, folder, "--start-from", str(path))
    second = load_model(path)
    assert f'"started_from": "{first.sha256}"' in second.metadata["data"]
    assert second.sha256 != first.sha256


def test_a_photograph_held_out_must_exist(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match=r"held out but not in .*photographs: d, e"):
        run(monkeypatch, folder, "--held-out", "e", "a", "d")


def test_artwork_is_known_by_its_hash(folder: Path) -> None:
    pixels, sha256 = load_artwork(str(folder / "artwork.png"))
    assert pixels.shape == (3, 72, 100)
    assert len(sha256) == 64
