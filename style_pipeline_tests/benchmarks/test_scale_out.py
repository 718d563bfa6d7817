import pytest

from benchmarks.cluster import Parts
from benchmarks.scale_out import PODS, duration, figures, tables

PARTS = Parts(node_start=100, chunk_start=10, frame=0.1)


def test_efficiency_is_the_share_of_the_paid_time_that_frames_took() -> None:
    # 3,000 frames in three chunks of 100 s each, every one after 110 s of its node.
    made = figures("2 min", PARTS, most_chunks=16, least_frames=1000, pods=16, seeds=2)
    assert made.makespan == pytest.approx(210)
    assert made.node_hours == pytest.approx(3 * 210 / 3600)
    assert made.efficiency == pytest.approx(300 / 630)
    assert str(made) == "210 s, 48%, 0.17"


def test_every_number_of_pods_has_a_row_for_each_film() -> None:
    lines = list(tables(PARTS, 0, seeds=1))
    for pods in PODS:
        assert sum(line.startswith(f"| {pods} |") for line in lines) == 2
    widths = {line.count("|") for line in lines if line.startswith("|")}
    assert widths == {5, 6}


@pytest.mark.parametrize(
    ("seconds", "said"), [(599.4, "599 s"), (600, "10 min"), (7199, "120 min"), (7200, "2.0 h")]
)
def test_a_duration_is_told_in_the_unit_that_suits_it(seconds: float, said: str) -> None:
    assert duration(seconds) == said
