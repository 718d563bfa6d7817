import hashlib
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from style_pipeline.stylization.model_file import load_model
from style_pipeline.training import __main__ as command
from style_pipeline.training.__main__ import load_artwork, main
from style_pipeline.training.perceptual import PerceptualNetwork
from style_pipeline.training.perceptual_weights import load_perceptual
from style_pipeline_tests.training.vggs import save_vgg


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Noise as photographs and artwork, and a VGG-19 four channels wide."""
    rng = np.random.default_rng(0)
    for name in ("photographs/a", "photographs/b", "photographs/c", "artwork"):
        path = tmp_path / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (72, 100, 3), dtype=np.uint8)).save(path)
    (tmp_path / "photographs/readme.txt").write_text("no picture")
    save_vgg(tmp_path / "vgg.safetensors")
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, folder: Path, *options: str) -> None:
    arguments = {
        "--artwork": folder / "artwork.png",
        "--photographs": folder / "photographs",
        "--perceptual": folder / "vgg.safetensors",
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
    def downloaded(source: str) -> PerceptualNetwork:
        assert source == "vgg19"
        return load_perceptual(folder / "vgg.safetensors")

    monkeypatch.setattr(command, "load_perceptual", downloaded)
    arguments = ["--artwork", "a.png", "--photographs", "b", "--out", "c.safetensors"]
    monkeypatch.setattr(sys, "argv", ["train", *arguments])
    assert command.parse_arguments().perceptual == "vgg19"


def test_the_command_trains_samples_and_saves_a_style(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, folder, "--samples-every", "2", "--held-out", "b")
    model = load_model(folder / "training/noise.safetensors")
    assert model.style == "noise"
    assert model.sha256 in capsys.readouterr().out
    assert '"photographs": 2, "held_out": ["b"]' in model.metadata["data"]
    with Image.open(folder / "training/noise.000002.png") as sheet:
        assert sheet.size == (320, 144)


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
    artwork = load_artwork(str(folder / "artwork.png"))
    assert artwork.pixels.shape == (3, 72, 100)
    assert artwork.sha256 == hashlib.sha256((folder / "artwork.png").read_bytes()).hexdigest()
