"""What runs print: kept in a container of its own, and shown in the UI."""

import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import IO, Any

from azure.core.exceptions import AzureError
from azure.storage.blob import LinearRetry
from dagster import Field
from dagster_azure.blob import AzureBlobComputeLogManager

from pipeline_kit.orchestration.dagster_private import (
    IO_TYPE_EXTENSION,
    CapturedLogContext,
    ComputeIOType,
    ConfigurableClassData,
)
from pipeline_kit.settings import BadSetting
from pipeline_kit.storage.azure import Container
from pipeline_kit.storage.backends import open_backend
from pipeline_kit.storage.objects import StoreError, summary
from pipeline_kit.storage.settings import StoreSettings

_LOG = logging.getLogger(__name__)

# Azure's own is more than a minute, and for a server that says nothing many. With this, logs that
# cannot be written hold up the end of a run by 11 s.
_PATIENCE = {
    "connection_timeout": 5,
    "read_timeout": 5,
    "retry_policy": LinearRetry(backoff=1, retry_total=1, random_jitter_range=0),
}


class BlobLogs(AzureBlobComputeLogManager):
    """Dagster's own, entered as every store is: `StoreSettings` with the prefix `settings`.

    Storage that is down costs a run seconds, and a line in its pod's own log. What a pod printed
    last before it was stopped is kept. Raises `BadSetting` naming the variable that is wrong.
    """

    def __init__(
        self,
        *,
        settings: str = "LOGS_",
        upload_interval: int = 20,
        inst_data: ConfigurableClassData | None = None,
    ) -> None:
        container = _container(settings)
        super().__init__(
            container.account,
            container.container,
            prefix=container.prefix or "dagster",
            # Dagster's own choice is /tmp, which a pod with a read-only root does not have.
            local_dir=tempfile.gettempdir(),
            upload_interval=upload_interval,
            inst_data=inst_data,
        )
        self._container_client = container.client(**_PATIENCE)

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        prefix = "What the variables begin with that name the container: <prefix>URL and so on."
        seconds = "Seconds between two uploads of what a run has printed so far."
        return {
            "settings": Field(str, default_value="LOGS_", description=prefix),
            "upload_interval": Field(int, default_value=20, description=seconds),
        }

    @contextmanager
    def capture_logs(self, log_key: Sequence[str]) -> Iterator[CapturedLogContext]:
        try:
            with self._uploading(log_key), self.local_manager.capture_logs(log_key) as context:
                yield context
        finally:  # also when the pod is stopped
            self._on_capture_complete(log_key)

    def cloud_storage_has_logs(
        self, log_key: Sequence[str], io_type: ComputeIOType, partial: bool = False
    ) -> bool:
        with _patient("look for"):
            return bool(self._blob(log_key, io_type, partial).exists())
        return False

    def download_from_cloud_storage(
        self, log_key: Sequence[str], io_type: ComputeIOType, partial: bool = False
    ) -> None:
        extension = IO_TYPE_EXTENSION[io_type]
        path = Path(self.local_manager.get_captured_local_path(log_key, extension, partial=partial))
        path.parent.mkdir(parents=True, exist_ok=True)
        with _patient("read"):
            path.write_bytes(self._blob(log_key, io_type, partial).download_blob().readall())

    def download_url_for_type(self, log_key: Sequence[str], io_type: ComputeIOType) -> str | None:
        """The web server's own: who may see the UI need not be let into the container."""
        return "/".join(["/logs", *log_key, IO_TYPE_EXTENSION[io_type]])

    def display_path_for_type(self, log_key: Sequence[str], io_type: ComputeIOType) -> str:
        return str(self._blob(log_key, io_type).url.partition("?")[0])

    def _upload_file_obj(
        self, data: IO[bytes], log_key: Sequence[str], io_type: ComputeIOType, partial: bool = False
    ) -> None:
        self._blob(log_key, io_type, partial).upload_blob(data, overwrite=True)

    def _on_capture_complete(self, log_key: Sequence[str]) -> None:
        with _patient("write"):
            super()._on_capture_complete(log_key)

    @contextmanager
    def _uploading(self, log_key: Sequence[str]) -> Iterator[None]:
        """Show what there is while it is being printed."""
        done = Event()

        def upload() -> None:
            while not done.wait(self.upload_interval):
                with _patient("write"):
                    for io_type in ComputeIOType:
                        self.upload_to_cloud_storage(log_key, io_type, partial=True)

        Thread(target=upload, name="upload-logs", daemon=True).start()
        try:
            yield
        finally:
            done.set()

    def _blob(self, log_key: Sequence[str], io_type: ComputeIOType, partial: bool = False) -> Any:
        return self._container_client.get_blob_client(self._blob_key(log_key, io_type, partial))


@contextmanager
def _patient(what: str) -> Iterator[None]:
    """Logs are not worth a run, nor a sensor's tick."""
    try:
        yield
    except AzureError as error:
        _LOG.warning("Cannot %s logs: %s", what, summary(error))


def _container(prefix: str) -> Container:
    store = StoreSettings.load(prefix).store()
    if not store.url.startswith("az://"):
        # A SAS URL pasted whole must not be shown.
        shown = store.url.partition("?")[0]
        raise BadSetting(f"{prefix}URL={shown!r} should read az://account/container")
    try:
        found = open_backend(store)
    except StoreError as error:
        field, _, reason = str(error).partition(":")
        raise BadSetting(f"{prefix}{field.upper()}:{reason}") from None
    assert isinstance(found, Container)
    return found
