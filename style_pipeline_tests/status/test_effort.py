from style_pipeline.status.effort import in_total


def test_a_film_s_utilisation_is_that_of_its_chunks_by_their_length() -> None:
    chunks: list[dict[str, float]] = [
        {"frames": 300, "cpu_seconds": 55.0, "utilisation": 0.9, "cost": 0.5},
        {"frames": 100, "cpu_seconds": 10.0, "utilisation": 0.5, "cost": 0.25},
        {"frames": 0},
    ]
    assert in_total(chunks) == {"cpu_seconds": 65, "utilisation": 0.8, "cost": 0.75}


def test_a_film_of_unlike_machines_tells_both_kinds_of_seconds() -> None:
    gpu: dict[str, float] = {"frames": 240, "gpu_seconds": 20.0, "utilisation": 0.5}
    cpu: dict[str, float] = {"frames": 240, "cpu_seconds": 30.0, "utilisation": 0.5, "cost": 1}
    assert in_total([gpu, cpu]) == {"gpu_seconds": 20, "cpu_seconds": 30, "utilisation": 0.5}


def test_nothing_is_summed_up_of_which_a_chunk_does_not_tell() -> None:
    chunk: dict[str, float] = {"frames": 240, "cpu_seconds": 30.0, "utilisation": 0.5}
    older: dict[str, float] = {"frames": 240}
    assert in_total([chunk, older]) == {}
    assert in_total([{"frames": 0}]) == {}
