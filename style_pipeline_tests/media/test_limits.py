import pytest

from style_pipeline.media import limits


@pytest.mark.parametrize(("there", "allowed"), [(2 << 30, 3 << 29), (64 << 30, limits.MEMORY)])
def test_a_reader_may_take_less_than_the_machine_has(
    monkeypatch: pytest.MonkeyPatch, there: int, allowed: int
) -> None:
    monkeypatch.setattr(limits, "memory_limit", lambda: there)
    assert limits.memory() == allowed


def test_only_files_and_real_containers_are_opened() -> None:
    assert limits.OPEN_OPTIONS["protocol_whitelist"] == "file"
    assert not {"hls", "concat", "image2"} & {*limits.OPEN_OPTIONS["format_whitelist"].split(",")}
