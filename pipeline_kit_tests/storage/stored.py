"""What stores hold."""

from collections.abc import Iterable

from pipeline_kit.storage.objects import StoredObject

MEBIBYTE = 1 << 20


def names(found: Iterable[StoredObject]) -> list[str]:
    return [each.name for each in found]
