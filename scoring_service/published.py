"""Models that are published while the service runs: loaded beside, tested, and then swapped in."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, TypeVar

from pipeline_kit.errors import PermanentError
from pipeline_kit.machine.scratch import scratch
from pipeline_kit.models.registry import Registry
from pipeline_kit.storage.objects import StoreError
from scoring_service.errors import not_loaded
from scoring_service.metrics import FAILED_LOADS, SWAPS

Model = TypeVar("Model")
_LOG: Final = logging.getLogger("scoring_service")


class Published(Generic[Model]):
    """The current version of a model, as far as it could be loaded.

    Args:
        load: from a file to a model; it raises `PermanentError` where the file is none, or where
            the model does not do what its file says that it does.
        pinned: a version to stay with; none follows what is current.
    """

    def __init__(
        self, registry: Registry, name: str, load: Callable[[Path], Model], *, pinned: str = ""
    ) -> None:
        self.registry, self.name, self.load, self.pinned = registry, name, load, pinned
        self.digest = self._refused = ""
        self._model: Model | None = None

    @property
    def model(self) -> Model:
        """Raises `Refused` with 503 before any could be loaded."""
        if self._model is None:
            raise not_loaded(self.name)
        return self._model

    @property
    def is_loaded(self) -> bool:
        return self._model is not None

    def poll(self) -> bool:
        """Whether another version took over. What fails keeps the one that is there.

        A version that cannot be loaded is not tried again; storage that is away is.
        """
        digest = ""
        try:
            digest = self.pinned or self.registry.current().get(self.name, "")
            if digest in ("", self.digest, self._refused):
                return False
            with scratch() as folder:
                model = self.load(self.registry.fetch(self.name, digest, folder))
        except (PermanentError, StoreError) as error:
            FAILED_LOADS.labels(self.name).inc()
            _LOG.error("%s %s: %s", self.name, digest[:12], error)
            if isinstance(error, PermanentError):
                self._refused = digest
            return False
        # A single assignment each: a request has the one model or the other.
        self._model, self.digest, self._refused = model, digest, ""
        SWAPS.labels(self.name).inc()
        _LOG.info("%s %s answers from now on", self.name, digest[:12])
        return True
