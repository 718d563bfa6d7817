from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from style_pipeline.media.encoding import Encoder
from style_pipeline.media.join import decoding_times, join_segments
from style_pipeline.media.segment import BrokenSegment, write_segment
from style_pipeline.stylization.architecture import StyleNetwork
from style_pipeline_tests.media.conftest import Clips
from style_pipeline_tests.media.films import (
    LOSSLESS,
    Film,
    make_film,
    origin,
    paint,
    shown,
    times,
)
from style_pipeline_tests.stylization.stylizing import untrained

CUTS = [[12], [1], [23], [1, 2, 3], [7, 8, 19], list(range(1, 24))]


def cut_at(places: list[int], count: int) -> list[range]:
    bounds = [0, *places, count]
    return [range(start, stop) for start, stop in pairwise(bounds)]


@pytest.fixture(scope="module")
def network() -> StyleNetwork:
    return untrained()


@pytest.fixture(scope="module")
def in_one_chunk(
    clip: Clips, network: StyleNetwork, tmp_path_factory: pytest.TempPathFactory
) -> Film:
    return make_film(clip("cfr_25"), tmp_path_factory.mktemp("one"), network=network)


@pytest.mark.parametrize("places", CUTS, ids=str)
def test_a_film_of_many_chunks_equals_the_film_of_one_bit_for_bit(
    places: list[int], in_one_chunk: Film, clip: Clips, network: StyleNetwork, tmp_path: Path
) -> None:
    film = make_film(clip("cfr_25"), tmp_path, chunks=cut_at(places, 24), network=network)
    np.testing.assert_array_equal(film.painted, in_one_chunk.painted)
    np.testing.assert_array_equal(shown(film.path, (64, 48)), shown(in_one_chunk.path, (64, 48)))
    assert times(film.path) == times(in_one_chunk.path)
    assert film.wrong() == []


def test_films_encoded_with_loss_are_cut_anywhere_too(clip: Clips, tmp_path: Path) -> None:
    chunks = cut_at([1, 2, 9], 16)
    film = make_film(clip("vfr_mp4"), tmp_path, chunks=chunks, encoder=Encoder(preset="medium"))
    assert film.wrong() == []


@pytest.fixture
def film(clip: Clips, tmp_path: Path) -> Film:
    return make_film(clip("vfr_mp4"), tmp_path, chunks=3)


def test_joining_again_gives_the_same_bytes(film: Film, tmp_path: Path) -> None:
    again = tmp_path / "again.mp4"
    join_segments(film.segments, film.index, again, origin=origin(film.index))
    assert again.read_bytes() == film.pictures.read_bytes()


@pytest.mark.parametrize("order", [[0, 1], [0, 2], [1, 2], [0, 0, 1, 2], [1, 0, 2], []])
def test_segments_that_do_not_cover_every_frame_once_are_refused(
    order: list[int], film: Film, tmp_path: Path
) -> None:
    segments = [film.segments[place] for place in order]
    with pytest.raises(BrokenSegment, match="do not cover every frame exactly once"):
        join_segments(segments, film.index, tmp_path / "j.mp4", origin=origin(film.index))


@pytest.mark.parametrize(
    ("encoder", "changed", "refused"),
    [
        (LOSSLESS, {"index_hash": "beef"}, r"001\.mp4 was made from another upload or look"),
        (LOSSLESS, {"look_hash": "beef"}, r"001\.mp4 was made from another upload or look"),
        (Encoder(crf=30), {}, "encoded differently"),
    ],
)
def test_segments_of_two_sources_looks_or_encoders_are_refused(
    encoder: Encoder, changed: dict[str, str], refused: str, film: Film, tmp_path: Path
) -> None:
    path, frames = film.segments[1]
    pictures = paint(film.source, film.index, frames)
    other = replace(origin(film.index), **changed)
    write_segment(path, pictures, film.index, frames, encoder=encoder, origin=other)
    with pytest.raises(BrokenSegment, match=refused):
        join_segments(film.segments, film.index, tmp_path / "j.mp4", origin=origin(film.index))


@pytest.mark.parametrize("name", ["vfr_mp4", "one_frame", "mpeg_ts_open_gop", "no_b_frames"])
def test_decoding_times_in_a_film_rise_and_are_never_later_than_the_picture(
    name: str, clip: Clips, tmp_path: Path
) -> None:
    film = make_film(clip(name), tmp_path, chunks=3)
    with av.open(str(film.path)) as container:
        packets = [p for p in container.demux(container.streams.video[0]) if p.size]
    order = [packet.dts for packet in packets if packet.dts is not None]
    assert len(order) == len(packets) == len(film.index)
    assert all(a < b for a, b in pairwise(order))
    assert all((p.dts or 0) <= (p.pts or 0) for p in packets)


@given(
    st.lists(st.integers(1, 5000), min_size=1, max_size=40),
    st.integers(0, 3),
    st.integers(-1000, 1000),
    st.randoms(use_true_random=False),
)
def test_decoding_times_suit_any_frame_rate_and_any_reordering(
    steps: list[int], b_frames: int, start: int, random: Random
) -> None:
    presentation = [start + sum(steps[:n]) for n in range(len(steps))]
    order = [
        pts
        for first in range(0, len(presentation), b_frames + 1)
        for group in [presentation[first : first + b_frames + 1]]
        for pts in [group[-1], *random.sample(group[:-1], len(group) - 1)]
    ]
    decoding = decoding_times(order, presentation)
    assert len(decoding) == len(order)
    assert all(a < b for a, b in pairwise(decoding))
    assert all(dts <= pts for dts, pts in zip(decoding, order, strict=True))
    assert decoding == order or order != presentation
