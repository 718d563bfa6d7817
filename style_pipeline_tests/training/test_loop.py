import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from style_pipeline.stylization.backends.network import PaintingNetwork
from style_pipeline.training.crops import draw_batch, window
from style_pipeline.training.loop import TrainingProgress, train
from style_pipeline.training.losses import Objective
from style_pipeline.training.recipe import (
    TrainingRecipe,
    learning_rate,
    stability_weight,
    style_weight,
)
from style_pipeline_tests.training.quick import RECIPE, ColorAndDetail, pictures

ARTWORK = torch.tensor([200, 120, 30], dtype=torch.uint8)[:, None, None].repeat(1, 80, 100)


def run(
    recipe: TrainingRecipe = RECIPE,
    *,
    on_progress: Callable[[TrainingProgress, PaintingNetwork], None] = lambda *_: None,
    checkpoint_path: Path | None = None,
    checkpoint_every: int = 200,
    resume: bool = False,
    stop_after: int | None = None,
) -> PaintingNetwork:
    return train(
        ARTWORK,
        pictures(3),
        ColorAndDetail(),
        recipe,
        on_progress=on_progress,
        checkpoint_path=checkpoint_path,
        checkpoint_every=checkpoint_every,
        resume=resume,
        stop_after=stop_after,
    )


def resume(recipe: TrainingRecipe, checkpoint: Path) -> tuple[PaintingNetwork, list[int]]:
    """What the rest of a training leads to, and its iterations."""
    seen: list[int] = []
    network = run(
        recipe,
        checkpoint_path=checkpoint,
        resume=True,
        on_progress=lambda progress, _: seen.append(progress.iteration),
    )
    return network, seen


def assert_identical(first: PaintingNetwork, second: PaintingNetwork) -> None:
    for (name, a), b in zip(first.state_dict().items(), second.state_dict().values(), strict=True):
        assert torch.equal(a, b), name


@pytest.mark.parametrize("bfloat16", [False, True])
def test_training_comes_nearer_to_the_artwork(bfloat16: bool) -> None:
    seen: list[TrainingProgress] = []
    run(replace(RECIPE, bfloat16=bfloat16), on_progress=lambda progress, _: seen.append(progress))
    first, last = (sum(p.style for p in part) for part in (seen[:5], seen[-5:]))
    assert last < 0.7 * first


def test_progress_counts_to_the_end() -> None:
    seen: list[TrainingProgress] = []
    run(replace(RECIPE, iterations=4), on_progress=lambda progress, _: seen.append(progress))
    assert [(p.iteration, p.iterations) for p in seen] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert seen[-1].eta_seconds == 0
    assert seen[0].eta_seconds > 0
    assert all(a.seconds <= b.seconds for a, b in pairwise(seen))


def test_the_same_seed_trains_the_same_network() -> None:
    recipe = replace(RECIPE, iterations=5)
    torch.manual_seed(1)
    first = run(recipe)
    torch.manual_seed(2)
    assert_identical(first, run(recipe))
    other = run(replace(recipe, seed=2))
    assert any(
        not torch.equal(a, b) for a, b in zip(first.parameters(), other.parameters(), strict=True)
    )


def test_training_leaves_the_callers_random_numbers_alone() -> None:
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    run(replace(RECIPE, iterations=2))
    assert torch.rand(1) == expected


def test_the_stability_term_makes_a_steadier_network() -> None:
    unsteadiness = []
    for weight in (0.0, 100.0):
        recipe = replace(
            RECIPE,
            iterations=60,
            stability_weight=weight,
            stability_from=0,
            noise=0.0,
            seed=2,
        )
        network = run(recipe)
        torch.manual_seed(0)
        cpu = torch.device("cpu")
        objective = Objective(ARTWORK, pictures(3), ColorAndDetail(), recipe, device=cpu)
        with torch.no_grad():
            batches = [draw_batch(pictures(3), recipe) for _ in range(8)]
            losses = [objective.losses(network, batch, stability=True) for batch in batches]
        unsteadiness.append(sum(loss.stability.item() for loss in losses))
    assert unsteadiness[1] < 0.5 * unsteadiness[0]


def test_until_its_turn_comes_the_stability_term_changes_nothing() -> None:
    plain = replace(RECIPE, iterations=8)
    late = replace(plain, stability_weight=100.0, stability_from=8)
    assert_identical(run(plain), run(late))
    assert [stability_weight(i, replace(late, stability_from=5)) for i in (0, 4, 5)] == [0, 0, 100]


def test_a_picture_that_only_moves_is_not_unsteady() -> None:
    recipe = replace(RECIPE, stability_noise=0.0, stability_gain=0.0, noise=0.0)
    cpu = torch.device("cpu")
    objective = Objective(ARTWORK, pictures(3), ColorAndDetail(), recipe, device=cpu)
    losses = objective.losses(torch.nn.Identity(), draw_batch(pictures(3), recipe), stability=True)
    assert losses.stability == 0


def test_a_window_is_the_part_of_a_batch_that_lies_where_it_is_asked() -> None:
    batch = torch.arange(80.0).expand(1, 3, 80, 80)
    middle = window(batch, RECIPE)
    assert middle.shape == (1, 3, 64, 64)
    assert middle[0, 0, 0, 0] == 8
    assert window(batch, RECIPE, down=2, right=-8)[0, 0, 0, 0] == 0


@pytest.mark.parametrize("bfloat16", [False, True])
def test_an_interrupted_training_resumes_to_the_same_bits(tmp_path: Path, bfloat16: bool) -> None:
    recipe = replace(RECIPE, iterations=9, bfloat16=bfloat16)
    whole = run(recipe)
    path = tmp_path / "checkpoint"
    run(recipe, checkpoint_path=path, stop_after=4)
    resumed, seen = resume(recipe, path)
    assert seen == [5, 6, 7, 8, 9]
    assert_identical(whole, resumed)


def test_a_run_that_dies_goes_on_from_its_last_checkpoint(tmp_path: Path) -> None:
    recipe = replace(RECIPE, iterations=8)
    path = tmp_path / "checkpoint"

    def die(progress: TrainingProgress, _: PaintingNetwork) -> None:
        if progress.iteration == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(recipe, checkpoint_path=path, checkpoint_every=4, on_progress=die)
    resumed, seen = resume(recipe, path)
    assert seen[0] == 5
    assert_identical(run(recipe), resumed)
    assert [p.name for p in tmp_path.iterdir()] == ["checkpoint"]


def test_a_finished_training_resumes_to_its_end(tmp_path: Path) -> None:
    recipe = replace(RECIPE, iterations=3)
    path = tmp_path / "checkpoint"
    first = run(recipe, checkpoint_path=path)
    assert_identical(first, run(recipe, checkpoint_path=path, resume=True))


def test_a_checkpoint_of_another_recipe_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    run(replace(RECIPE, iterations=2), checkpoint_path=path)
    with pytest.raises(ValueError, match="made with another recipe, cannot resume"):
        run(replace(RECIPE, iterations=2, seed=9), checkpoint_path=path, resume=True)


def test_training_can_begin_with_a_trained_network() -> None:
    trained = run()
    seen: list[float] = []
    for start in (None, trained):
        train(
            ARTWORK,
            pictures(3),
            ColorAndDetail(),
            replace(RECIPE, iterations=1, seed=5),
            start=start,
            on_progress=lambda progress, _: seen.append(progress.style),
        )
    assert seen[1] < 0.8 * seen[0]


def test_no_photographs_is_an_error() -> None:
    with pytest.raises(ValueError, match="no photographs"):
        train(ARTWORK, [], ColorAndDetail(), RECIPE)


@pytest.mark.parametrize("wrong", [{"crop": 68}, {"crop": 32}, {"iterations": 0}, {"batch": 0}])
def test_an_impossible_recipe_is_refused(wrong: dict[str, int]) -> None:
    name = next(iter(wrong))
    with pytest.raises(ValueError, match=f"self.{name} = {wrong[name]}"):
        replace(RECIPE, **wrong)  # type: ignore[arg-type]


def test_a_batch_is_random_crops_in_range() -> None:
    torch.manual_seed(0)
    first, second = draw_batch(pictures(3), RECIPE), draw_batch(pictures(3), RECIPE)
    assert first.shape == (2, 3, 80, 80)
    assert 0 <= first.min() < first.max() <= 1
    assert not torch.equal(first, second)


def test_the_learning_rate_warms_up_and_decays_to_nothing() -> None:
    recipe = replace(RECIPE, iterations=1000, warmup=10)
    rates = [learning_rate(i, recipe) for i in range(1001)]
    assert rates[0] == pytest.approx(recipe.learning_rate / 10)
    assert max(rates) == pytest.approx(recipe.learning_rate, rel=1e-3)
    assert rates[500] == pytest.approx(recipe.learning_rate / 2)
    assert math.isclose(rates[1000], 0, abs_tol=1e-12)


def test_the_style_weighs_more_at_first() -> None:
    recipe = replace(RECIPE, style_weight=0.5, style_boost=4.0, boost_iterations=100)
    weights = [style_weight(i, recipe) for i in (0, 50, 100, 1000)]
    assert weights == pytest.approx([2.0, 1.25, 0.5, 0.5])
