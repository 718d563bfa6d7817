from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from style_pipeline.stylization.model_file import StyleModel, load_model, save_model
from style_pipeline.stylization.backends.network import ARCHITECTURES
from style_pipeline.training.adaptation import default_recipe, fits, nearest
from style_pipeline.training.loop import train
from style_pipeline.training.recipe import TrainingRecipe
from style_pipeline_tests.training.quick import RECIPE, ColorAndDetail, pictures

CPU = torch.device("cpu")


def plain(*color: int) -> Tensor:
    return torch.tensor(color, dtype=torch.uint8)[:, None, None].repeat(1, 80, 100)


def model(folder: Path, recipe: TrainingRecipe, name: str, artwork: Tensor) -> StyleModel:
    network = train(artwork, pictures(3), ColorAndDetail(), recipe, device="cpu")
    path = folder / f"{name}.safetensors"
    save_model(path, network.plain(), style=name, recipe={}, data={}, artwork_sha256="")
    return load_model(path)


def test_the_style_that_paints_most_alike_is_the_nearest(tmp_path: Path) -> None:
    amber = model(tmp_path, RECIPE, "amber", plain(220, 140, 20))
    azure = model(tmp_path, RECIPE, "azure", plain(20, 90, 220))

    def chosen(artwork: Tensor) -> str:
        found = nearest([amber, azure], artwork, pictures(3), ColorAndDetail(), RECIPE, device=CPU)
        assert found
        return found.style

    assert chosen(plain(200, 120, 60)) == "amber"
    assert chosen(plain(60, 80, 180)) == "azure"


def test_styles_of_another_shape_are_none_to_begin_with(tmp_path: Path) -> None:
    small = model(tmp_path, replace(RECIPE, iterations=1), "small", plain(9, 9, 90))
    other = "slim" if RECIPE.architecture == "transformer" else "transformer"
    assert other in ARCHITECTURES
    for recipe in (
        replace(RECIPE, architecture=other),  # type: ignore[arg-type]
        replace(RECIPE, channels=(4, 8, 16)),
        replace(RECIPE, residual_blocks=2),
    ):
        assert not fits(small, recipe)
        assert nearest([small], plain(1, 1, 1), [], ColorAndDetail(), recipe, device=CPU) is None
    assert fits(small, RECIPE)
    only = nearest([small], plain(1, 1, 1), [], ColorAndDetail(), RECIPE, device=CPU)
    assert only is small


def test_finding_the_nearest_leaves_random_numbers_alone(tmp_path: Path) -> None:
    short = replace(RECIPE, iterations=1)
    both = [
        model(tmp_path, replace(short, seed=seed), str(seed), plain(1, 9, 9)) for seed in (1, 2)
    ]
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    nearest(both, plain(90, 9, 9), pictures(2), ColorAndDetail(), RECIPE, device=CPU)
    assert torch.rand(1) == expected


def test_an_adapted_style_is_trained_for_a_quarter_as_long_and_more_gently() -> None:
    scratch, adapted = default_recipe(adapted=False), default_recipe(adapted=True)
    assert scratch == TrainingRecipe()
    assert (scratch.iterations, adapted.iterations) == (6000, 1500)
    assert adapted.learning_rate < scratch.learning_rate
    assert adapted.style_boost == 1
    assert adapted.stability_from < adapted.iterations
    assert default_recipe(adapted=True, learning_rate=0.1, seed=None).learning_rate == 0.1


@pytest.mark.parametrize("adapted", [False, True])
@pytest.mark.parametrize("iterations", [2, 100, 20_000])
def test_a_training_of_any_length_learns_to_hold_still(adapted: bool, iterations: int) -> None:
    recipe = default_recipe(adapted=adapted, iterations=iterations)
    assert recipe.iterations == iterations
    assert recipe.stability_from <= iterations / 2
