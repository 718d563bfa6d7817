from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from style_pipeline.training.fitting import FitProgress, Style, fit, nearest
from style_pipeline.training.recipe import FitRecipe
from style_pipeline_tests.training.quick import (
    PAINTING,
    RECIPE,
    ColorAndDetail,
    pictures,
    tiny_body,
    tiny_network,
)


def run(recipe: FitRecipe = RECIPE, **options: Any) -> Tensor:
    start = torch.from_numpy(tiny_body().styles[0])
    given = PAINTING, pictures(3), ColorAndDetail(), tiny_network(), start, recipe
    return fit(*given, **options).vector.detach()


def resume(recipe: FitRecipe, checkpoint: Path) -> tuple[Tensor, list[int]]:
    """What the rest of a fit leads to, and its iterations."""
    seen: list[int] = []
    vector = run(
        recipe,
        checkpoint_path=checkpoint,
        resume=True,
        on_progress=lambda progress, _: seen.append(progress.iteration),
    )
    return vector, seen


def test_a_fit_comes_nearer_to_the_painting_and_leaves_the_body_alone() -> None:
    seen: list[FitProgress] = []
    bodies: list[dict[str, Tensor]] = []

    def watch(progress: FitProgress, style: Style) -> None:
        seen.append(progress)
        bodies.append({name: w.clone() for name, w in style.body.weights().items()})

    run(on_progress=watch)
    first, last = (sum(p.style + p.palette for p in part) for part in (seen[:5], seen[-5:]))
    assert last < 0.8 * first
    assert all(torch.equal(bodies[-1][name], weight) for name, weight in bodies[0].items())


def test_progress_counts_to_the_end() -> None:
    seen: list[FitProgress] = []
    run(replace(RECIPE, iterations=4), on_progress=lambda progress, _: seen.append(progress))
    assert [(p.iteration, p.iterations) for p in seen] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert seen[-1].eta_seconds == 0
    assert seen[0].eta_seconds > 0
    assert all(a.seconds <= b.seconds for a, b in pairwise(seen))


def test_the_same_seed_fits_the_same_style() -> None:
    recipe = replace(RECIPE, iterations=5)
    torch.manual_seed(1)
    first = run(recipe)
    torch.manual_seed(2)
    assert torch.equal(first, run(recipe))
    assert not torch.equal(first, run(replace(recipe, seed=2)))


def test_a_fit_leaves_the_callers_random_numbers_alone() -> None:
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    run(replace(RECIPE, iterations=2))
    assert torch.rand(1) == expected


def test_an_interrupted_fit_resumes_to_the_same_bits(tmp_path: Path) -> None:
    recipe = replace(RECIPE, iterations=8)
    path = tmp_path / "checkpoint"

    def die(progress: FitProgress, _: Style) -> None:
        if progress.iteration == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(recipe, checkpoint_path=path, checkpoint_every=4, on_progress=die)
    resumed, seen = resume(recipe, path)
    assert seen == [5, 6, 7, 8]
    assert torch.equal(run(recipe), resumed)
    assert [p.name for p in tmp_path.iterdir()] == ["checkpoint"]


def test_a_finished_fit_resumes_to_its_end(tmp_path: Path) -> None:
    recipe = replace(RECIPE, iterations=3)
    path = tmp_path / "checkpoint"
    first = run(recipe, checkpoint_path=path)
    assert torch.equal(first, run(recipe, checkpoint_path=path, resume=True))


def test_a_checkpoint_of_another_recipe_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    run(replace(RECIPE, iterations=2), checkpoint_path=path)
    with pytest.raises(ValueError, match="made with another recipe, cannot resume"):
        run(replace(RECIPE, iterations=2, seed=9), checkpoint_path=path, resume=True)


def test_a_fit_begins_with_the_nearest_style() -> None:
    fitted = run()
    styles = torch.stack([*torch.from_numpy(tiny_body().styles), fitted])
    chosen = nearest(styles, PAINTING, pictures(3), ColorAndDetail(), tiny_network(), RECIPE)
    assert torch.equal(chosen, fitted)


def test_no_photographs_is_an_error() -> None:
    with pytest.raises(ValueError, match="no photographs"):
        fit(PAINTING, [], ColorAndDetail(), tiny_network(), torch.zeros(1), RECIPE)


def test_what_a_fit_gives_has_more_contrast_than_its_losses_ask_for() -> None:
    plain, stronger = (run(replace(RECIPE, contrast=contrast)) for contrast in (1.0, 1.5))
    place = tiny_network().architecture.last_scales
    torch.testing.assert_close(stronger[place], 1.5 * plain[place])
    plain[place] = stronger[place] = 0
    assert torch.equal(plain, stronger)


def test_a_fit_says_how_far_films_are_brushed_and_learns_without_it() -> None:
    plain, brushed = (run(replace(RECIPE, brushing=amount)) for amount in (0.0, 1.0))
    place = tiny_network().architecture.brushing
    assert [*plain[place], *brushed[place]] == [0, 1]
    plain[place] = brushed[place] = 0
    assert torch.equal(plain, brushed)
