import pytest

from pipeline_kit.settings import BadSetting
from style_pipeline.resources.settings import resources
from style_pipeline.settings import PREFIX


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("CRF", "52", "a whole number from 0 to 51"),
        ("CRF", "-1", "a whole number from 0 to 51"),
        ("CRF", "18.5", "a whole number from 0 to 51"),
        ("DEVICE", "foo", "one of auto, cpu, cuda"),
        ("PRICE_PER_HOUR", "-0.1", "a number from 0 to 1000000"),
        ("PRICE_PER_HOUR", "nan", "a number from 0 to 1000000"),
        ("PRICE_PER_HOUR", "inf", "a number from 0 to 1000000"),
        ("MAX_CHUNKS", "0", "a whole number from 1 to 1000"),
        ("MAX_CHUNKS", "1001", "a whole number from 1 to 1000"),
        ("MIN_FRAMES", "0", "a whole number from 1 to 1000000"),
        ("TRAINING_ITERATIONS", "abc", "a whole number from 1 to 1000000"),
        (
            "PRESET",
            "best",
            "one of ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, veryslow",
        ),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, allowed: str
) -> None:
    monkeypatch.setenv(PREFIX + variable, value)
    with pytest.raises(BadSetting) as raised:
        resources()
    assert str(raised.value) == f"STYLE_PIPELINE_{variable}='{value}' should be {allowed}"


@pytest.mark.parametrize("variable", ["WEBHOOK_URL", "MAIL_URL", "LOGS_URL"])
def test_what_only_sensors_or_pods_read_keeps_the_code_location_from_loading_too(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(PREFIX + variable, "foo")
    with pytest.raises(BadSetting, match=f"^STYLE_PIPELINE_{variable}"):
        resources()
