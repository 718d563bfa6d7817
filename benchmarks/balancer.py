"""A load balancer as Kubernetes' Services are: a new connection goes to a process that is ready."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager, suppress
from itertools import cycle
from threading import Event, Thread
from typing import Final

import httpx

BETWEEN_PROBES: Final = 0.5
"""Seconds."""


@contextmanager
def balanced(ports: Sequence[int]) -> Iterator[str]:
    """The address at which processes that listen on ports of this machine are reached."""
    ended, address = Event(), Future[str]()

    async def serve() -> None:
        try:
            async with _balancer(ports) as port:
                address.set_result(f"http://127.0.0.1:{port}")
                await asyncio.to_thread(ended.wait)
        except OSError as error:
            address.set_exception(error)

    thread = Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        yield address.result()
    finally:
        ended.set()
        thread.join()


@asynccontextmanager
async def _balancer(ports: Sequence[int]) -> AsyncIterator[int]:
    ready: set[int] = set()
    turns = cycle(ports)

    async def probe() -> None:
        async with httpx.AsyncClient(timeout=2) as client:
            while True:
                for port in ports:
                    try:
                        answer = await client.get(f"http://127.0.0.1:{port}/readyz")
                        is_ready = answer.status_code == 200
                    except httpx.TransportError:
                        is_ready = False
                    (ready.add if is_ready else ready.discard)(port)
                await asyncio.sleep(BETWEEN_PROBES)

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not ready:
            await asyncio.sleep(0.01)
        port = next(port for port in turns if port in ready)
        try:
            from_service, to_service = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_copy(reader, to_service), _copy(from_service, writer))

    probing = asyncio.create_task(probe())
    server = await asyncio.start_server(forward, "127.0.0.1", 0, backlog=1024)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        probing.cancel()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()
