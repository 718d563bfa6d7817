"""Which of the dropped files are read: decisions only."""

from collections.abc import Iterable
from typing import Final

from faq_pipeline.faq_file import EXTENSIONS
from pipeline_kit.orchestration.ledger import Intake, Ledger, sift
from pipeline_kit.orchestration.names import is_ignored, too_large, unfit_for_a_key, wrong_kind
from pipeline_kit.storage.objects import StoredObject

FOLDER: Final = "faq"
MOST_GIBIBYTES: Final = 0.05
AT_ONCE: Final = 20


def faq_key(name: str) -> str:
    """The partition of a dropped file: its name, with the extension."""
    return name.removeprefix(f"{FOLDER}/")


def sift_faqs(listing: Iterable[StoredObject], ledger: Ledger, *, hour: int) -> Intake:
    """Files to start and files to reject, each version of a file once."""

    def refusal(found: StoredObject) -> str | None:
        key = faq_key(found.name)
        if "/" in key:
            return f"it is in a folder: drop it into {FOLDER}/ itself"
        return (
            unfit_for_a_key(key)
            or wrong_kind(key, "FAQ", EXTENSIONS)
            or too_large(found, gibibytes=MOST_GIBIBYTES)
        )

    wanted = [found for found in listing if not is_ignored(found)]
    return sift(wanted, ledger, refusal=refusal, limit=AT_ONCE, hour=hour)
