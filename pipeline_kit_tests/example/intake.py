"""Step 2, decisions: which of the dropped files are started. Plain values in and out."""

from collections.abc import Iterable

from pipeline_kit.orchestration.ledger import Intake, Ledger, sift
from pipeline_kit.orchestration.names import is_ignored, too_large, unfit_for_a_key, wrong_kind
from pipeline_kit.storage.objects import StoredObject

FOLDER = "pictures"


def picture_key(name: str) -> str:
    return name.removeprefix(f"{FOLDER}/")


def new_pictures(listing: Iterable[StoredObject], ledger: Ledger, *, limit: int = 100) -> Intake:
    """Files to start and files to reject, each version of a file once."""

    def refusal(found: StoredObject) -> str | None:
        return (
            unfit_for_a_key(picture_key(found.name))
            or wrong_kind(found.name, "picture", ("jpg", "png"))
            or too_large(found, gibibytes=0.1)
        )

    pictures = [found for found in listing if not is_ignored(found)]
    return sift(pictures, ledger, refusal=refusal, limit=limit, hour=0)
