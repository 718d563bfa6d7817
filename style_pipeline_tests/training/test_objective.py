from dataclasses import replace

import torch

from style_pipeline.training.objective import Objective
from style_pipeline_tests.training.quick import PAINTING, RECIPE, ColorAndDetail, pictures

CPU = torch.device("cpu")


def test_content_is_held_by_moving_the_weight_of_the_style() -> None:
    objective = Objective(PAINTING, pictures(3), ColorAndDetail(), RECIPE, device=CPU)
    before = objective.weight
    objective._hold(5.0)
    assert objective.weight < before, "too little of the photograph is left"
    for _ in range(200):
        objective._hold(0.0)
    assert objective.weight > before


def test_a_picture_that_only_moves_is_not_unsteady() -> None:
    recipe = replace(RECIPE, noise=0.0)
    objective = Objective(PAINTING, pictures(3), ColorAndDetail(), recipe, device=CPU)
    view = objective.draw(pictures(3))
    assert objective._unsteadiness(lambda pictures: 1 - pictures, view, 1 - view) == 0
