import dagster as dg

from style_pipeline.status.former_styles import former_styles
from style_pipeline.styles import BODY, FINE_BODY
from style_pipeline_tests.runs import remember


def test_only_styles_of_a_former_body_are_told_with_what_becomes_of_them() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        made: dict[str, dict[str, str | bool]] = {
            "new": {"body": BODY},
            "ink": {"shipped": True},
            "candy": {"network": "styles/candy.pth"},
            "night": {"model_hash": "a"},
            "gone": {"body": "of-before"},
            "new/fine": {"body": FINE_BODY},
            "night/fine": {"body": BODY},
        }
        instance.add_dynamic_partitions("styles", list(made))
        for style, metadata in made.items():
            remember(instance, "style_model", style, metadata)
        gone, night, fine = former_styles(instance, with_painting=frozenset({"night", "new"}))
    assert gone == (
        "style gone has a network of a former version and stays as it is, as its painting is gone: "
        "drop it into styles/ to have it fitted again"
    )
    assert night == "style night has a network of a former version and is fitted again by itself"
    assert fine == night.replace("night", "night/fine")
