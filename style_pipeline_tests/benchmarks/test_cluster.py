from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.cluster import Parts, simulate

PARTS = Parts(node_start=100, chunk_start=10, frame=0.5)
SPOT = replace(PARTS, preemptions=20, spread=0.3)


def test_one_pod_takes_the_sum_of_all_that_is_done() -> None:
    parts = replace(PARTS, source=1000, styled=3, pod_bandwidth=50)
    chunks = [40, 60, 20]
    each = 10 + 1000 / 50
    done = 100 + 3 * each + 120 * 0.5 + 120 * 3 / 50
    made = simulate(chunks, pods=1, parts=parts)
    assert made.makespan == pytest.approx(done)
    assert made.node_seconds == pytest.approx(done)
    assert (made.frames, made.lost) == (120, ())


def test_equal_chunks_on_as_many_pods_take_as_long_as_one() -> None:
    made = simulate([40] * 8, pods=8, parts=PARTS)
    assert made.makespan == 100 + 10 + 20
    assert made.node_seconds == 8 * made.makespan


def test_no_more_nodes_are_started_than_there_are_chunks() -> None:
    assert simulate([40] * 3, pods=256, parts=PARTS).node_seconds == 3 * (100 + 10 + 20)


def test_a_pod_that_is_done_takes_the_next_chunk_without_a_new_node() -> None:
    made = simulate([100, 20, 20, 20], pods=2, parts=PARTS)
    assert made.makespan == 100 + 60
    assert made.node_seconds == (100 + 60) + (100 + 3 * 20)


def test_a_node_is_paid_for_until_it_is_given_back() -> None:
    made = simulate([100, 20], pods=2, parts=replace(PARTS, node_kept=600))
    assert made.makespan == 100 + 60
    assert made.node_seconds == (100 + 60 + 600) + (100 + 20 + 600)


def test_a_chunk_that_lost_its_node_is_taken_by_one_that_was_kept() -> None:
    spot = replace(PARTS, preemptions=1)
    saved = set()
    for seed in range(60):
        given_back, kept = (
            simulate([4000, 20], pods=2, parts=replace(spot, node_kept=seconds), seed=seed)
            for seconds in (0, 10_000)
        )
        if given_back.lost == kept.lost == (4000,):
            saved.add(round(given_back.makespan - kept.makespan))
    # Nothing where the kept node was taken away as well.
    assert saved == {0, 100}


def test_storage_is_shared_evenly_by_those_who_use_it() -> None:
    parts = replace(PARTS, source=1200, pod_bandwidth=100, bandwidth=120)
    assert simulate([0], pods=1, parts=parts).makespan == 110 + 1200 / 100
    assert simulate([0] * 4, pods=4, parts=parts).makespan == pytest.approx(110 + 1200 / 30)


def test_a_transfer_is_faster_once_others_have_ended() -> None:
    parts = Parts(node_start=0, chunk_start=0, frame=0, styled=10, bandwidth=100)
    # Both get 50 a second until the shorter one's 200 are through; the other's last 400 get 100.
    assert simulate([20, 60], pods=2, parts=parts).makespan == pytest.approx(4 + 4)


def test_the_same_seed_gives_the_same_outcome_and_another_one_another() -> None:
    outcomes = [simulate([500] * 20, pods=4, parts=SPOT, seed=seed) for seed in (1, 1, 2)]
    assert outcomes[0] == outcomes[1] != outcomes[2]


works = st.lists(st.integers(1, 500), min_size=1, max_size=30)


@given(works, st.integers(1, 256), st.integers(0, 10**6))
def test_no_frame_is_ever_lost(chunks: list[int], pods: int, seed: int) -> None:
    parts = replace(SPOT, source=5000, styled=10, pod_bandwidth=300, bandwidth=1000)
    made = simulate(chunks, pods=pods, parts=parts, seed=seed)
    assert made.frames == sum(chunks)
    assert made.node_seconds >= sum(chunks) * 0.5 / 20


@given(works, st.integers(0, 10**6))
def test_preemption_costs_new_nodes_and_the_chunks_that_were_running(
    chunks: list[int], seed: int
) -> None:
    calm = simulate(chunks, pods=1, parts=PARTS)
    made = simulate(chunks, pods=1, parts=replace(PARTS, preemptions=20), seed=seed)
    assert set(made.lost) <= set(chunks)
    assert len(made.lost) <= made.preempted
    again = sum(10 + chunk * 0.5 for chunk in made.lost)
    assert calm.makespan <= made.makespan + 1e-6
    assert made.makespan <= calm.makespan + 100 * made.preempted + again + 1e-6
    assert made.node_seconds == pytest.approx(made.makespan)


@given(works, st.integers(1, 255))
def test_another_pod_never_takes_longer_than_one(chunks: list[int], pods: int) -> None:
    def makespan(pods: int) -> float:
        return simulate(chunks, pods=pods, parts=PARTS).makespan

    # A chunk more or less on one pod may reorder those that follow, but never by more than Graham's
    # bound of list scheduling.
    assert makespan(pods + 1) <= makespan(1)
    longest = 10 + max(chunks) * 0.5
    work = sum(10 + chunk * 0.5 for chunk in chunks)
    assert makespan(pods) <= 100 + work / pods + longest


def test_a_preempted_chunk_is_painted_again_from_its_beginning() -> None:
    spot = replace(PARTS, preemptions=10)
    outcomes = [simulate([400], pods=1, parts=spot, seed=seed) for seed in range(30)]
    once = [made for made in outcomes if made.lost == (400,) and made.preempted == 1]
    assert once
    for made in once:
        assert 100 + 310 < made.makespan < 310 + 310
