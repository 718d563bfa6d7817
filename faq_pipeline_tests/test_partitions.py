"""What all assets have in common."""

import json

import dagster as dg

from faq_pipeline.definitions import defs
from faq_pipeline.partitions import SETTINGS, faq_files


def test_every_pod_asks_for_what_is_set() -> None:
    made = [asset for asset in defs.assets or () if isinstance(asset, dg.AssetsDefinition)]
    assert len(made) == 4
    for asset in made:
        told = {name: json.loads(asset.op.tags[name]) for name in SETTINGS.pod.tags()}
        assert told == SETTINGS.pod.tags()
        assert asset.partitions_def is faq_files
