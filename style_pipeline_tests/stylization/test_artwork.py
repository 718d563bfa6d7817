import numpy as np
import pytest

from style_pipeline.stylization.artwork import flow_field, flow_field_artwork


def test_the_same_seed_paints_the_same_picture() -> None:
    first, second, other = (flow_field_artwork(width=160, height=120, seed=s) for s in (3, 3, 4))
    assert first.tobytes() == second.tobytes()
    assert first.tobytes() != other.tobytes()


@pytest.mark.parametrize("size", [(160, 120), (120, 160), (64, 64)])
def test_artwork_has_the_size_asked_for(size: tuple[int, int]) -> None:
    picture = flow_field_artwork(width=size[0], height=size[1])
    assert (picture.size, picture.mode) == (size, "RGB")


def test_artwork_too_small_for_a_brush_is_refused() -> None:
    with pytest.raises(ValueError, match=r"width = 63, height = 100: .* at least 64 pixels"):
        flow_field_artwork(width=63, height=100)


def test_the_palette_reaches_from_dark_to_light_and_from_cold_to_warm() -> None:
    pixels = np.asarray(flow_field_artwork(width=320, height=240), dtype=float)
    luma = pixels @ (0.299, 0.587, 0.114)
    assert np.percentile(luma, 5) < 50
    assert np.percentile(luma, 95) > 190
    warmth = pixels[..., 0] - pixels[..., 2]
    assert (warmth > 40).mean() > 0.15
    assert (warmth < -40).mean() > 0.25


def test_the_canvas_is_covered_with_strokes_and_not_with_flat_paint() -> None:
    luma = np.asarray(flow_field_artwork(width=320, height=240).convert("L"), dtype=float)
    blocks = luma.reshape(15, 16, 20, 16).std(axis=(1, 3))
    assert np.quantile(blocks, 0.02) > 3


def test_paint_flows_without_sources_or_sinks() -> None:
    x, y = flow_field(np.random.default_rng(0), 90, 120)
    np.testing.assert_allclose(np.hypot(x, y), 1, atol=1e-6)
    # Unit vectors along the contours of a potential: they turn, and keep their direction locally.
    turn = np.abs(np.diff(np.unwrap(np.arctan2(y, x), axis=1), axis=1))
    assert np.median(turn) < 0.1
