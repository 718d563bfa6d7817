import math
from dataclasses import replace

import pytest

from style_pipeline.training.recipe import learning_rate, schedule
from style_pipeline_tests.training import taught
from style_pipeline_tests.training.quick import RECIPE


@pytest.mark.parametrize(
    "wrong",
    [
        *({"crop": 68}, {"crop": 32}, {"iterations": 0}, {"crops": 0}),
        *({"content": 0.0}, {"brushing": -0.1}, {"brushing": 1.5}),
    ],
)
def test_an_impossible_recipe_is_refused(wrong: dict[str, int]) -> None:
    name = next(iter(wrong))
    with pytest.raises(ValueError, match=f"self.{name} = {wrong[name]}"):
        replace(RECIPE, **wrong)  # type: ignore[arg-type]


def test_the_learning_rate_warms_up_and_decays_to_nothing() -> None:
    recipe = replace(RECIPE, iterations=1000, warmup=10)
    rates = [learning_rate(i, recipe) for i in range(1001)]
    assert rates[0] == pytest.approx(recipe.learning_rate / 10)
    assert max(rates) == pytest.approx(recipe.learning_rate, rel=1e-3)
    assert rates[500] == pytest.approx(recipe.learning_rate / 2)
    assert math.isclose(rates[1000], 0, abs_tol=1e-12)


def test_a_body_s_rate_rises_stays_and_falls() -> None:
    recipe = replace(taught.RECIPE, iterations=100, cooldown=20, warm_up=10)
    rates = [schedule(iteration, recipe) for iteration in range(101)]
    assert rates[0] == pytest.approx(0.1)
    assert set(rates[9:81]) == {1.0}
    assert rates[90] == pytest.approx(0.5)
    assert rates[100] == 0


@pytest.mark.parametrize("side", [32, 44])
def test_views_that_could_not_be_compared_are_refused(side: int) -> None:
    with pytest.raises(ValueError, match=f"self.side = {side}"):
        replace(taught.RECIPE, side=side)
