import math
from dataclasses import replace

import pytest

from style_pipeline.training.recipe import learning_rate
from style_pipeline_tests.training.quick import RECIPE


@pytest.mark.parametrize(
    "wrong", [{"crop": 68}, {"crop": 32}, {"iterations": 0}, {"crops": 0}, {"content": 0.0}]
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
