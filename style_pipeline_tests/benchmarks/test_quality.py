import math
from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn

from benchmarks.gatys import Figures, Remembering, figures, measure, optimise, worth_steps
from benchmarks.quality import centre_square, mean, multiply_adds, table
from style_pipeline.training.losses import Losses, Objective
from style_pipeline.training.recipe import TrainingRecipe
from style_pipeline_tests.training.quick import ColorAndDetail

RECIPE = TrainingRecipe(
    crop=64,
    crop_area=(0.02, 0.5),
    content_layers=("coarse",),
    style_layers=(("fine", 1.0), ("coarse", 1.0)),
    artwork_side=64,
    stability_shift=0,
    noise=0.0,
    bfloat16=False,
)


class CountingLooks(ColorAndDetail):
    def __init__(self) -> None:
        super().__init__()
        self.looks = 0

    def features(self, images: Tensor) -> dict[str, Tensor]:
        self.looks += 1
        return super().features(images)


class Flat(nn.Module):
    """The artwork's colour, whatever the picture."""

    def forward(self, images: Tensor) -> Tensor:
        colour = torch.tensor([200, 120, 30])[:, None, None] / 255
        return colour.expand_as(images)


def photograph(seed: int = 0) -> Tensor:
    """Float (1, 3, 64, 64), smooth."""
    small = torch.rand(1, 3, 6, 6, generator=torch.Generator().manual_seed(seed))
    return nn.functional.interpolate(small, (64, 64), mode="bilinear")


@pytest.fixture(scope="module")
def objective() -> Objective:
    torch.manual_seed(0)
    artwork = torch.tensor([200, 120, 30], dtype=torch.uint8)[:, None, None].repeat(1, 80, 100)
    return Objective(
        artwork,
        [(photograph(seed)[0] * 255).byte() for seed in range(3)],
        Remembering(CountingLooks()),
        RECIPE,
        device=torch.device("cpu"),
    )


def test_every_further_step_of_the_optimisation_lowers_the_loss(objective: Objective) -> None:
    made = optimise(photograph(), objective, [0, 1, 3, 10, 30], start=photograph())
    totals = [each.total for each in made]
    assert totals[0] == measure(nn.Identity(), photograph(), objective).total
    assert all(earlier > later for earlier, later in pairwise(totals))
    assert totals[-1] < 0.5 * totals[0]


def test_steps_taken_in_several_goes_are_those_taken_in_one(objective: Objective) -> None:
    *_, several = optimise(photograph(), objective, [2, 5, 12], start=photograph())
    (one,) = optimise(photograph(), objective, [12], start=photograph())
    assert several.total == pytest.approx(one.total, rel=0.02)


def test_the_optimised_picture_stays_near_the_photograph(objective: Objective) -> None:
    *_, last = optimise(photograph(), objective, [30], start=torch.rand_like(photograph()))
    flat = measure(Flat(), photograph(), objective)
    assert last.content < flat.content
    assert last.total < flat.total


def test_a_photograph_itself_has_no_content_loss(objective: Objective) -> None:
    itself = measure(nn.Identity(), photograph(), objective)
    flat = measure(Flat(), photograph(), objective)
    assert itself.content == 0 < flat.content
    assert flat.style < 0.1 < itself.style


def test_the_total_is_that_of_the_end_of_a_training() -> None:
    losses = Losses(*(torch.tensor(value) for value in (1.0, 2.0, 4.0, 0.0)))
    recipe = TrainingRecipe(style_weight=1.5, style_boost=3.0, variation_weight=0.5)
    expected = Figures(content=1, style=2, variation=4, total=1 + 1.5 * 2 + 0.5 * 4)
    assert figures(losses, recipe) == expected


def test_the_target_is_looked_at_once_for_all_steps() -> None:
    network = CountingLooks()
    remembering = Remembering(network)
    with torch.no_grad():
        first = remembering.features(photograph())
        again = remembering.features(photograph())
        assert network.looks == 1
        other = remembering.features(photograph(1))
    assert network.looks == 2
    assert torch.equal(first["coarse"], again["coarse"])
    assert not torch.equal(first["coarse"], other["coarse"])
    remembering.features(photograph(1).requires_grad_())
    assert network.looks == 3


CURVE = {0: 9.0} | {steps: 8 - math.log1p(steps) for steps in (10, 30, 100, 300)}


@pytest.mark.parametrize("steps", [10, 17, 30, 64.5, 100, 250, 300])
def test_a_loss_is_worth_the_steps_that_reach_it(steps: float) -> None:
    assert worth_steps(8 - math.log1p(steps), CURVE) == pytest.approx(steps)


def test_a_loss_beyond_the_curve_is_worth_no_number_of_steps() -> None:
    assert worth_steps(1.0, CURVE) == math.inf
    assert worth_steps(20.0, CURVE) == 0
    assert 0 < worth_steps(8.5, CURVE) < 10


def test_multiply_adds_are_counted_by_the_pixel() -> None:
    half = nn.Conv2d(3, 5, 3, stride=2, padding=1)
    assert multiply_adds(nn.Conv2d(3, 5, 3, padding=1), side=32) == 3 * 5 * 9
    assert multiply_adds(half, side=32) == 3 * 5 * 9 / 4


def test_the_middle_of_a_photograph_is_shrunk() -> None:
    wide = torch.zeros(3, 100, 300, dtype=torch.uint8)
    wide[:, :, 100:200] = 255
    square = centre_square(wide, 64)
    assert square.shape == (1, 3, 64, 64)
    assert square.min() == 1


def test_the_table_says_what_each_model_is_worth() -> None:
    def total(value: float) -> Figures:
        return Figures(content=1.0, style=1.5, variation=0.01, total=value)

    gatys = {steps: total(8 - math.log1p(steps)) for steps in (0, 10, 30, 100)}
    models = {"reference": total(4.0), "slim": total(4.2), "best": total(2.0)}
    costs = {"reference": 100_000.0, "slim": 12_500.0, "best": 200_000.0}
    lines = list(table(total(9.0), models, costs, gatys))
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if "|" in line]
    assert {len(row) for row in rows} == {7}
    worth = {row[0]: row[5] for row in rows[2:]}
    assert worth == {
        "photograph": "0",
        "reference": f"{math.expm1(4):.0f}",
        "slim": f"{math.expm1(3.8):.0f}",
        "best": "> 100",
        "Gatys, 0 steps": "0",
        "Gatys, 10 steps": "10",
        "Gatys, 30 steps": "30",
        "Gatys, 100 steps": "100",
    }
    assert rows[4] == ["slim", "1.000", "1.500", "0.010", "4.200", "44", "12,500"]
    assert "slim: 8.0 times fewer multiply-adds than reference, total loss +5.0%" in lines


def test_means_are_over_the_photographs() -> None:
    one = Figures(content=1.0, style=2.0, variation=3.0, total=4.0)
    other = Figures(content=3.0, style=4.0, variation=5.0, total=6.0)
    assert mean([one, other]) == Figures(content=2.0, style=3.0, variation=4.0, total=5.0)
