"""What stores hold, and what makes the same store again."""

from collections.abc import Iterable

from style_pipeline.resources.stores import Store, StoredObject

MEBIBYTE = 1 << 20


def names(found: Iterable[StoredObject]) -> list[str]:
    return [each.name for each in found]


def settings(store: Store) -> dict[str, str]:
    """What makes the same store in another process: Dagster's resources cannot be pickled."""
    return {field: getattr(store, field) for field in type(store).model_fields}
