from dataclasses import replace

import torch
from torch import Tensor

from style_pipeline.training.distillation import unsteadiness
from style_pipeline.training.lessons import Lesson, Lessons
from style_pipeline_tests.training.taught import RECIPE, TEACHERS, pictures


def parts(lesson: Lesson) -> tuple[Tensor, ...]:
    return lesson.views, lesson.offsets, lesson.teachers, lesson.targets


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
