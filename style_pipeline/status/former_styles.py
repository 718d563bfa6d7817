"""Styles with a network of a former version, whose paintings are fitted again by themselves."""

from collections.abc import Iterator

import dagster as dg

from pipeline_kit.orchestration.metadata import latest_metadata
from style_pipeline.object_names import Style
from style_pipeline.partitions import styles
from style_pipeline.styles import BODY_OF


def former_styles(instance: dg.DagsterInstance, *, with_painting: frozenset[str]) -> Iterator[str]:
    """A line for each style that was trained here, but not with the current body.

    `with_painting` are styles whose painting is there.
    """
    known = instance.get_dynamic_partitions(str(styles.name))
    for style, made in sorted(latest_metadata(instance, "style_model", known).items()):
        body = BODY_OF[Style(style).quality]
        if made.get("body") == body or "shipped" in made or "network" in made:
            continue
        yield (
            f"style {style} has a network of a former version and is fitted again by itself"
            if Style(style).name in with_painting
            else f"style {style} has a network of a former version and stays as it is, as its "
            f"painting is gone: drop it into styles/ to have it fitted again"
        )
