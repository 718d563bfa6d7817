import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from style_pipeline.stylization.architecture import Architecture, normalizations
from style_pipeline.stylization.model_file import Body
from style_pipeline.training.distillation import (
    BodyRecipe,
    BodyTraining,
    Lesson,
    Lessons,
    initial_styles,
    schedule,
    train_body,
    unsteadiness,
)
from style_pipeline.training.teachers import Teacher

BODY = Architecture("body", (3, 4, 3), 1)
RECIPE = BodyRecipe(
    architecture=BODY, iterations=8, cooldown=4, warm_up=2, batch=2, side=40, zoom=(0.5, 1.5)
)


class Tint(nn.Module):
    """A teacher whose style is a color for all that it sees, and a bit of what is there."""

    def forward(self, images: Tensor, styles: Tensor) -> Tensor:
        return 0.3 * images + 0.7 * styles[:, :, None, None]


COLORS = {"red": (0.9, 0.1, 0.1), "blue": (0.1, 0.2, 0.8)}
TEACHERS = [
    Teacher(name, Tint(), torch.tensor([color]), 1.0, 1.0)  # type: ignore[arg-type]
    for name, color in COLORS.items()
]


def pictures() -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    sizes = ((40, 60), (64, 50), (36, 36))
    return [
        torch.randint(256, (3, *size), dtype=torch.uint8, generator=generator) for size in sizes
    ]


def train(recipe: BodyRecipe, checkpoint: Path, **options: Any) -> BodyTraining:
    training = BodyTraining(recipe, TEACHERS)
    train_body(training, pictures(), checkpoint=checkpoint, **options)
    return training


def parts(lesson: Lesson) -> tuple[Tensor, ...]:
    return lesson.views, lesson.offsets, lesson.teachers, lesson.targets


def assert_same(found: BodyTraining, expected: BodyTraining) -> None:
    assert torch.equal(found.styles, expected.styles)
    for name, weight in expected.network.weights().items():
        assert torch.equal(found.network.weights()[name], weight), name


def test_lessons_are_the_same_whenever_they_are_asked_for() -> None:
    first, second = (Lessons(pictures(), TEACHERS, RECIPE) for _ in range(2))
    expected = [first[number] for number in range(6)]
    torch.manual_seed(99)
    for number in (4, 0, 5, 2):
        for found, wanted in zip(parts(second[number]), parts(expected[number]), strict=True):
            assert torch.equal(found, wanted)
    assert len({tuple(lesson.views.flatten()[:5].tolist()) for lesson in expected}) == 6
    others = Lessons(pictures(), TEACHERS, replace(RECIPE, seed=2))
    assert not torch.equal(others[0].views, expected[0].views)


def test_asking_for_a_lesson_leaves_chance_as_it_was() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    Lessons(pictures(), TEACHERS, RECIPE)[0]
    assert torch.equal(torch.rand(3), expected)


def test_a_lesson_is_what_the_teacher_makes_of_what_the_body_sees() -> None:
    lessons = Lessons(pictures(), TEACHERS, replace(RECIPE, noise=0))
    taught = set()
    for number in range(6):
        lesson = lessons[number]
        assert lesson.views.shape == lesson.targets.shape == (2, 2, 3, 40, 40)
        assert lesson.views.min() >= 0
        assert lesson.views.max() <= 1
        for views, teacher, targets in zip(
            lesson.views, lesson.teachers.tolist(), lesson.targets, strict=True
        ):
            torch.testing.assert_close(targets, TEACHERS[teacher].stylize(views))
            taught.add(teacher)
    assert taught == {0, 1}


def test_each_view_is_seen_twice_and_what_both_show_is_the_same() -> None:
    lesson = Lessons(pictures(), TEACHERS, replace(RECIPE, noise=0))[0]
    assert (lesson.offsets[:, 0] != lesson.offsets[:, 1]).any()
    assert not torch.equal(lesson.views[:, 0], lesson.views[:, 1])
    assert unsteadiness(lesson.views, lesson.offsets) == 0
    assert unsteadiness(lesson.views, lesson.offsets.flip(1)) > 0


def test_noise_is_for_the_body_and_not_for_its_teacher_and_moves_with_the_view() -> None:
    quiet, noisy = (
        Lessons(pictures(), TEACHERS, replace(RECIPE, noise=noise))[0] for noise in (0, 0.5)
    )
    assert torch.equal(quiet.targets, noisy.targets)
    assert not torch.equal(quiet.views, noisy.views)
    assert unsteadiness(noisy.views, noisy.offsets) == 0


def test_teachers_of_more_weight_teach_more_often() -> None:
    teachers = [replace(TEACHERS[0], weight=9.0), TEACHERS[1]]
    lessons = Lessons(pictures(), teachers, RECIPE)
    taught = [teacher for number in range(30) for teacher in lessons[number].teachers.tolist()]
    assert taught.count(0) > 2 * taught.count(1) > 0


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
    for norm in normalizations(BODY.layers):
        assert (styles[:, norm.scales] == 1).all()
        assert (styles[:, norm.shifts] == 0).all()


def test_the_rate_rises_stays_and_falls() -> None:
    recipe = replace(RECIPE, iterations=100, cooldown=20, warm_up=10)
    rates = [schedule(iteration, recipe) for iteration in range(101)]
    assert rates[0] == pytest.approx(0.1)
    assert set(rates[9:81]) == {1.0}
    assert rates[90] == pytest.approx(0.5)
    assert rates[100] == 0


def test_strengths_of_details_are_not_learned(tmp_path: Path) -> None:
    training = train(RECIPE, tmp_path / "checkpoint.pt")
    assert BODY.details
    assert not training.styles[:, BODY.details].any()
