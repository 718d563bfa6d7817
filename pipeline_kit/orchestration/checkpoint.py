"""A training's checkpoint in the ops store, from which one that was killed goes on."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from logging import Logger
from pathlib import Path

from pipeline_kit.storage.objects import StoreError
from pipeline_kit.storage.store import Store

SECONDS_BETWEEN_UPLOADS = 60


class Checkpoint:
    """The file `path`, which a training writes from time to time, and its copy in the store.

    Copies lie in `folder`, named by the fingerprint of the training: one of another painting or
    recipe is never taken for this one's.
    """

    def __init__(
        self, store: Store, folder: str, *, fingerprint: str, path: Path, log: Logger
    ) -> None:
        self.store, self.folder, self.path, self.log = store, folder, path, log
        self.name = f"{folder}/{fingerprint}"
        self.uploaded = time.monotonic()
        self.version = 0

    def fetch(self) -> bool:
        """Whether there is one to go on from; it is at `path` then."""
        there = [found.name for found in self.store.list(self.folder)]
        if self.name in there:
            self.store.download(self.name, self.path)
            self.version = self._version
            return True
        if there:
            self.log.info(
                "the checkpoint is of another painting, recipe or start: training starts again"
            )
            self.delete()
        return False

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Upload what there is on the way out, if that is by an error or a signal."""
        try:
            yield
        except BaseException:
            self.upload()
            raise

    def upload_now_and_then(self) -> None:
        """Upload what changed, at most once a minute."""
        if time.monotonic() - self.uploaded >= SECONDS_BETWEEN_UPLOADS:
            self.upload()

    def upload(self) -> None:
        """Storage that fails does not end a training."""
        if (version := self._version) == self.version:
            return
        try:
            self.store.upload(self.path, self.name)
        except StoreError as error:
            self.log.warning(f"the checkpoint could not be stored: {error}")
        else:
            self.version = version
        self.uploaded = time.monotonic()

    def delete(self) -> None:
        self.store.delete(self.folder)

    @property
    def _version(self) -> int:
        return self.path.stat().st_mtime_ns if self.path.exists() else 0
