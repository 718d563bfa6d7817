"""What is kept in the ops store: FAQs, models that were fitted, and those that are published.

Each is under the hash of its content, by the name of the dropped file.
"""

from typing import Final

from faq_pipeline.evaluation import Report
from pipeline_kit.errors import PermanentError
from pipeline_kit.models.registry import Registry
from pipeline_kit.storage.objects import ObjectNotFound
from pipeline_kit.storage.store import Store

PUBLISHED: Final = "faq_models"
_EVALUATED: Final = "faq/evaluated"


class NotMade(PermanentError):
    """What comes before was not made."""


def faqs_of(ops: Store) -> Registry:
    """The FAQs that were read."""
    return Registry(store=ops, suffix=".jsonl", folder="faq/read")


def candidates(ops: Store) -> Registry:
    """The models that were fitted."""
    return Registry(store=ops, suffix=".safetensors", folder="faq/fitted")


def published(ops: Store) -> Registry:
    """The models that a service answers with."""
    return Registry(store=ops, suffix=".safetensors", folder=PUBLISHED)


def current(registry: Registry, name: str) -> str:
    """The hash of the current version of that name. Raises `NotMade`."""
    try:
        return registry.current()[name]
    except KeyError:
        raise NotMade(f"{registry.folder} has no {name}: materialize all from faq on") from None


def keep_report(ops: Store, digest: str, report: Report) -> None:
    """Of the model with that digest."""
    ops.write(f"{_EVALUATED}/{digest}.json", report.dump())


def report_on(ops: Store, digest: str) -> Report | None:
    """None where it was not evaluated."""
    try:
        return Report.parse(ops.read(f"{_EVALUATED}/{digest}.json"))
    except ObjectNotFound:
        return None
