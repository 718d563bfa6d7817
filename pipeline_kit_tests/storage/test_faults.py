"""Storage that fails on the way: what is retried, what is reported, and what is never taken."""

import http.client
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest

from pipeline_kit.storage import azure as backend
from pipeline_kit.storage.objects import StoreError, Superseded
from pipeline_kit.storage.store import Store
from pipeline_kit_tests.azurite import ACCOUNT, ACCOUNT_KEY, AzureContainer

FILM = bytes(range(256)) * 4096


@dataclass
class Wire:
    """A way to the emulator on which requests of some kind meet faults, one after the other."""

    endpoint: str
    faults: dict[str, list[str]] = field(default_factory=dict)
    met: list[str] = field(default_factory=list)

    def fails(self, method: str, *faults: str) -> None:
        self.faults[method] = list(faults)


@pytest.fixture
def wire(azurite: str) -> Iterator[Wire]:
    there = urlsplit(azurite)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            faults = found.faults.get(self.command) or []
            fault = faults.pop(0) if faults else ""
            found.met += [fault] if fault else []
            if fault == "silence":
                time.sleep(3)
            if fault.isdigit() or fault == "silence":
                self.close_connection = True
                if fault.isdigit():
                    self.send_response(int(fault))
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                return
            server = http.client.HTTPConnection(there.hostname or "", there.port or 80)
            server.request(self.command, self.path, body, dict(self.headers))
            answer = server.getresponse()
            data = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                    self.send_header(name, value)
            length = answer.getheader("Content-Length") if self.command == "HEAD" else len(data)
            self.send_header("Content-Length", str(length or 0))
            self.end_headers()
            self.wfile.write(data[: len(data) // 2] if fault == "cut" else data)
            self.close_connection = fault == "cut"
            server.close()

        do_GET = do_PUT = do_HEAD = do_DELETE = pass_on

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Wire(f"http://127.0.0.1:{server.server_port}/{ACCOUNT}")
        Thread(target=server.serve_forever, daemon=True).start()
        yield found
        server.shutdown()


@pytest.fixture
def store(wire: Wire, azure_container: AzureContainer, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A container with a film, entered by way of the wire."""
    azure_container.store().write("film.mp4", FILM)
    monkeypatch.setitem(backend._TIMEOUTS, "read_timeout", timedelta(seconds=1))
    return Store(url=azure_container.url, endpoint=wire.endpoint, account_key=ACCOUNT_KEY)


@pytest.mark.parametrize("fault", ["503", "500", "silence", "cut"])
def test_a_download_that_fails_for_a_moment_is_whole_or_reported(
    store: Store, wire: Wire, tmp_path: Path, fault: str
) -> None:
    wire.fails("GET", fault)
    to = tmp_path / "film.mp4"
    try:
        store.download("film.mp4", to)
    except StoreError:
        assert list(tmp_path.iterdir()) == []
        store.download("film.mp4", to)
    assert wire.met == [fault]
    assert to.read_bytes() == FILM


@pytest.mark.parametrize("fault", ["503", "silence"])
def test_an_upload_that_fails_for_a_moment_is_whole(
    store: Store, wire: Wire, azure_container: AzureContainer, tmp_path: Path, fault: str
) -> None:
    (tmp_path / "new.mp4").write_bytes(FILM)
    wire.fails("PUT", fault, fault)
    store.upload(tmp_path / "new.mp4", "new.mp4")
    assert wire.met == [fault, fault]
    assert azure_container.store().read("new.mp4") == FILM


def test_an_object_that_was_replaced_is_called_so(store: Store, wire: Wire, tmp_path: Path) -> None:
    wire.fails("GET", "412")
    with pytest.raises(Superseded, match="was replaced since it was listed"):
        store.download("film.mp4", tmp_path / "film.mp4")
    assert list(tmp_path.iterdir()) == []


def test_storage_that_refuses_all_the_time_is_reported_and_leaves_nothing(
    store: Store, wire: Wire, azure_container: AzureContainer, tmp_path: Path
) -> None:
    (tmp_path / "new.mp4").write_bytes(FILM)
    wire.fails("PUT", *["403"] * 20)
    with pytest.raises(StoreError, match=r"cannot write .*new.mp4"):
        store.upload(tmp_path / "new.mp4", "new.mp4")
    assert [found.name for found in azure_container.store().list()] == ["film.mp4"]
