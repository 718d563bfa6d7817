"""What all assets have in common."""

from faq_pipeline.partitions import COMMON, SETTINGS, faq_files


def test_every_pod_asks_for_what_is_set() -> None:
    assert COMMON["op_tags"] == SETTINGS.pod.tags()
    assert COMMON["partitions_def"] is faq_files
