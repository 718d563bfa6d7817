import numpy as np

from style_pipeline.status.loss_curve import Point, loss_curve, smoothed


def falling(count: int) -> list[Point]:
    return [Point(n + 1, 1 / (n + 1), 2 / (n + 1)) for n in range(count)]


def test_a_short_history_is_shown_as_it_is() -> None:
    assert smoothed(falling(5), 5) == falling(5)
    assert smoothed([], 5) == []


def test_a_long_history_is_averaged_in_stretches_to_its_end() -> None:
    history = [Point(n + 1, n % 2, 10.0) for n in range(100)]
    assert smoothed(history, 10) == [Point(n, 0.5, 10.0) for n in range(10, 101, 10)]
    assert len(smoothed(falling(6001))) <= 200
    assert smoothed(falling(6001))[-1].iteration == 6001


def test_the_curve_reaches_as_far_as_the_training_has_come() -> None:
    half = np.asarray(loss_curve(falling(50), iterations=100)).astype(int)
    whole = np.asarray(loss_curve(falling(100), iterations=100)).astype(int)
    assert half.shape == whole.shape == (300, 700, 3)

    def colorful(pixels: np.ndarray[tuple[int, ...], np.dtype[np.int_]]) -> bool:
        return bool((np.ptp(pixels, axis=2) > 100).any())

    # Below the legend, right of the middle.
    right = (slice(100, 250), slice(400, 680))
    assert not colorful(half[right])
    assert colorful(whole[right])
