"""Files that were not taken, as the reports on them beside the media say."""

from concurrent.futures import ThreadPoolExecutor

from pipeline_kit.storage.objects import ObjectNotFound
from pipeline_kit.storage.store import Store
from style_pipeline.intake.reports import FOLDER, Rejected, read_report

MOST = 200
"""Reports that are read, the latest, each for a request: anyone who can upload can cause any
number."""

MOST_BYTES = 1 << 16


def rejected_files(media: Store) -> tuple[list[Rejected], int]:
    """What was not taken, the latest first, and how many reports are there beyond `MOST`.

    Raises `StoreError`.
    """
    reports = sorted(media.list(FOLDER), key=lambda report: report.modified, reverse=True)
    names = [report.name for report in reports[:MOST] if report.size <= MOST_BYTES]

    def read(name: str) -> Rejected | None:
        try:
            return read_report(media.read(name))
        except (ObjectNotFound, ValueError):  # taken back since it was listed, or none of ours
            return None

    with ThreadPoolExecutor(16) as pool:
        found = [rejected for rejected in pool.map(read, names) if rejected]
    found.sort(key=lambda rejected: rejected.time, reverse=True)
    return found, max(0, len(reports) - MOST)
