import numpy as np
import pytest

from style_pipeline.stylization.architecture import Vector
from style_pipeline.stylization.backends import openvino, pytorch
from style_pipeline.stylization.backends.openvino_network import CompiledNetwork
from style_pipeline.stylization.color import Picture
from style_pipeline_tests.stylization.stylizing import pictures, style, untrained

LARGE = (330, 250)
SIZES = [(1, 1), (2, 2), (3, 5), (16, 16), (17, 4), (62, 46), (64, 48)]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("max_pixels", [None, 1], ids=["compiled", "tiled"])
def test_a_network_stylizes_every_size(size: tuple[int, int], max_pixels: int | None) -> None:
    given = pictures(*size)
    found = style(untrained("transformer"), given, size, max_pixels=max_pixels)
    assert [f.shape for f in found] == [p.shape for p in given]


def test_a_compiled_network_that_finds_no_memory_is_followed_by_tiles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = untrained(residual_blocks=0)
    given = pictures(*LARGE, count=3)
    expected = style(network, given, LARGE, max_pixels=LARGE[0] * LARGE[1] // 2)

    def fail(self: object, picture: Picture, vector: Vector) -> Picture:
        raise RuntimeError("std::bad_alloc")

    monkeypatch.setattr(CompiledNetwork, "stylize", fail)
    np.testing.assert_array_equal(style(network, given, LARGE), expected)


def test_errors_other_than_of_memory_are_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: object, picture: Picture, vector: Vector) -> Picture:
        raise RuntimeError("a size that does not match")

    monkeypatch.setattr(CompiledNetwork, "stylize", fail)
    with pytest.raises(RuntimeError, match="a size that does not match"):
        style(untrained(), pictures(32, 32), (32, 32))


def test_a_picture_that_is_too_large_to_be_stylized_whole_is_stylized_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (openvino, pytorch):
        monkeypatch.setattr(module, "memory_budget", lambda: 1000)
    network = untrained(residual_blocks=0)
    given = pictures(*LARGE, count=1)
    np.testing.assert_array_equal(
        style(network, given, LARGE), style(network, given, LARGE, max_pixels=1)
    )
