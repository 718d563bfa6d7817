import dagster as dg

from pipeline_kit.orchestration.data_versions import latest_version
from style_pipeline.assets.current_style import current_style, observed


def test_what_a_folder_stands_for_is_the_version_that_was_noted_last() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        for version in ("v1", "v2"):
            event = observed("ink/clip.mp4", version, model_hash="1" * 64, settings="")
            instance.report_runless_asset_event(event)
        assert latest_version(instance, current_style.key, "ink/clip.mp4") == "v2"
        assert event.metadata["settings"].value == "none"
