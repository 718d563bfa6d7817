"""The classifiers of the settings, each with a queue and a thread of its own."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

from scoring_service.batching import Batcher
from scoring_service.classification.classifier import Array, Classifier
from scoring_service.classification.sources import open_classifier
from scoring_service.errors import Refused, not_loaded, too_busy
from scoring_service.pictures import read_picture

TOP: Final = 5
MOST: Final = 8
"""Pictures at once: more are no faster on a CPU, and take as much memory."""
MOST_TO_READ: Final = 64

Labels = list[tuple[str, float]]


@dataclass(frozen=True, eq=False)
class Picture:
    """Prepared, and how many labels are wanted."""

    pixels: Array
    top: int


class Classifiers:
    """Opened one after the other, in `open`, as that may take minutes."""

    def __init__(
        self, sources: Mapping[str, str], *, device: str, waiting: int, megapixels: float
    ) -> None:
        self.sources, self.device, self.waiting = sources, device, waiting
        self.megapixels = megapixels
        self._opened: dict[str, tuple[Classifier, Batcher[Picture, Labels]]] = {}
        # Apart from networks: while one computes, the next pictures are read.
        self._readers = ThreadPoolExecutor(2, "read")
        self._being_read = 0

    @property
    def is_loaded(self) -> bool:
        return len(self._opened) == len(self.sources)

    def open(self) -> None:
        """Raises `NoClassifier` where one cannot be had."""
        for name, source in self.sources.items():
            classifier = open_classifier(source, device=self.device)
            work = partial(_classify, classifier)
            batcher: Batcher[Picture, Labels] = Batcher(name, work, most=MOST, waiting=self.waiting)
            self._opened[name] = classifier, batcher

    async def classify(self, data: bytes, kind: str, *, model: str, top: int) -> tuple[str, Labels]:
        """The classifier's name, and the best labels. Raises `Refused`."""
        if not self.sources:
            raise Refused(404, "no classifier is set: SCORING_SERVICE_CLASSIFIERS names them")
        name = model or next(iter(self.sources))
        if name not in self.sources:
            known = ", ".join(self.sources)
            raise Refused(422, f"model: there is no {name!r}: take one of {known}")
        if name not in self._opened:
            raise not_loaded(name)
        if self._being_read >= MOST_TO_READ:
            raise too_busy("too many pictures are being read: try again later")
        classifier, batcher = self._opened[name]
        self._being_read += 1
        try:
            loop = asyncio.get_running_loop()
            read = partial(_read, classifier, data, kind, self.megapixels)
            pixels = await loop.run_in_executor(self._readers, read)
        finally:
            self._being_read -= 1
        return name, await batcher.ask(Picture(pixels, top))

    def close(self) -> None:
        self._readers.shutdown(cancel_futures=True)
        for _, batcher in self._opened.values():
            batcher.close()


def _read(classifier: Classifier, data: bytes, kind: str, megapixels: float) -> Array:
    least = classifier.preparation.shorter_side
    return classifier.preparation(read_picture(data, kind, megapixels=megapixels, least=least))


def _classify(classifier: Classifier, pictures: Sequence[Picture]) -> list[Labels | Exception]:
    most = max(picture.top for picture in pictures)
    found = classifier.classify([picture.pixels for picture in pictures], top=most)
    return [labels[: picture.top] for picture, labels in zip(pictures, found, strict=True)]
