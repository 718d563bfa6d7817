import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from style_pipeline.stylization.architecture import Architecture
from style_pipeline.stylization.model_file import Body
from style_pipeline.training.distillation import BodyTraining, initial_styles, train_body
from style_pipeline.training.lessons import Lessons
from style_pipeline.training.recipe import BodyRecipe
from style_pipeline.training.teachers import Teacher
from style_pipeline_tests.training.taught import BODY, RECIPE, TEACHERS, pictures


def train(recipe: BodyRecipe, checkpoint: Path, **options: Any) -> BodyTraining:
    training = BodyTraining(recipe, TEACHERS)
    train_body(training, pictures(), checkpoint=checkpoint, **options)
    return training


def assert_same(found: BodyTraining, expected: BodyTraining) -> None:
    assert torch.equal(found.styles, expected.styles)
    for name, weight in expected.network.weights().items():
        assert torch.equal(found.network.weights()[name], weight), name


def test_a_body_comes_nearer_to_its_teachers(tmp_path: Path) -> None:
    differences: list[float] = []
    recipe = replace(RECIPE, iterations=60, cooldown=30, rate=0.03)
    training = train(
        recipe,
        tmp_path / "checkpoint.pt",
        on_progress=lambda _, difference: differences.append(difference),
    )
    assert len(differences) == training.iteration == 60
    assert sum(differences[-10:]) < 0.5 * sum(differences[:10])


def test_a_training_that_is_resumed_ends_as_one_that_was_not_interrupted(tmp_path: Path) -> None:
    whole, left = tmp_path / "whole.pt", tmp_path / "left.pt"

    def interrupt(training: BodyTraining, difference: float) -> None:
        if training.iteration == 5:
            left.write_bytes(whole.read_bytes())

    expected = train(RECIPE, whole, every=3, on_progress=interrupt)
    seen: list[int] = []
    resumed = train(RECIPE, left, on_progress=lambda each, _: seen.append(each.iteration))
    assert seen == [4, 5, 6, 7, 8], "what came after the checkpoint is done again"
    assert_same(resumed, expected)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["left.pt", "whole.pt"]


def test_one_that_has_ended_is_only_read(tmp_path: Path) -> None:
    expected = train(RECIPE, tmp_path / "checkpoint.pt")
    seen: list[float] = []
    again = train(RECIPE, tmp_path / "checkpoint.pt", on_progress=lambda _, d: seen.append(d))
    assert (seen, again.iteration) == ([], 8)
    assert_same(again, expected)


def test_more_iterations_may_be_asked_for(tmp_path: Path) -> None:
    train(RECIPE, tmp_path / "checkpoint.pt")
    assert train(replace(RECIPE, iterations=10), tmp_path / "checkpoint.pt").iteration == 10


@pytest.mark.parametrize(
    ("recipe", "teachers"),
    [
        (replace(RECIPE, rate=1e-4), TEACHERS),
        (replace(RECIPE, architecture=Architecture("body", (3, 4, 4), 1)), TEACHERS),
        (RECIPE, TEACHERS[::-1]),
    ],
    ids=["another rate", "another body", "teachers in another order"],
)
def test_another_recipe_or_other_teachers_are_refused(
    recipe: BodyRecipe, teachers: list[Teacher]
) -> None:
    state = BodyTraining(RECIPE, TEACHERS).state()
    with pytest.raises(ValueError, match="made with another recipe or other teachers"):
        BodyTraining(recipe, teachers).resume(state)


def test_a_checkpoint_whose_styles_had_other_numbers_is_refused() -> None:
    state = BodyTraining(RECIPE, TEACHERS).state()
    state["styles"] = state["styles"][:, :-1]
    with pytest.raises(ValueError, match=rf"styles have not {BODY.style_size} numbers"):
        BodyTraining(RECIPE, TEACHERS).resume(state)


def test_a_training_may_start_from_another_body() -> None:
    first = BodyTraining(RECIPE, TEACHERS)
    start = Body(
        "0" * 64,
        BODY,
        {name: weight.numpy() for name, weight in first.network.weights().items()},
        first.styles.detach().numpy()[:1] + 1,
        {"teachers": json.dumps([TEACHERS[1].name])},
    )
    second = BodyTraining(replace(RECIPE, seed=2), TEACHERS, start=start)
    for name, weight in first.network.weights().items():
        torch.testing.assert_close(second.network.weights()[name], weight, atol=1e-5, rtol=1e-4)
    assert torch.equal(second.styles[1], first.styles[0] + 1)
    assert torch.equal(second.styles[0], first.styles[0])


def test_gradients_that_are_no_numbers_change_nothing() -> None:
    training = BodyTraining(RECIPE, TEACHERS)
    before = training.network.weights()
    lesson = Lessons(pictures(), TEACHERS, RECIPE)[0]
    training.step(replace(lesson, views=lesson.views * float("nan")))
    assert training.iteration == 1
    for name, weight in training.network.weights().items():
        assert torch.equal(weight, before[name]), name


def test_styles_begin_with_what_normalization_gives() -> None:
    styles = initial_styles(BODY, 2)
    assert styles.shape == (2, BODY.style_size)
    for norm in BODY.layers.normalizations.values():
        assert (styles[:, norm.scales] == 1).all()
        assert (styles[:, norm.shifts] == 0).all()


def test_strengths_of_details_are_not_learned(tmp_path: Path) -> None:
    training = train(RECIPE, tmp_path / "checkpoint.pt")
    assert BODY.details
    assert not training.styles[:, BODY.details].any()
