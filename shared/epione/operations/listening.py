"""Taking HTTP requests beside the work of a service, on its event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager

import uvicorn

from epione.errors import Misconfigured


class Server(uvicorn.Server):
    """One that leaves the signals to the service."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


async def listen(server: Server, sockets: list[socket.socket] | None = None) -> None:
    """Take requests until cancelled; those in hand are then answered."""
    serving = asyncio.ensure_future(server.serve(sockets))
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def listening(server: Server, host: str, port: int) -> AsyncIterator[int]:
    """Take requests until the block ends; give the port, which is chosen where 0 is asked.

    Raises:
        Misconfigured: The address is taken, or is not this machine's.
    """
    try:
        bound = socket.create_server((host, port))
    except OSError as fault:
        raise Misconfigured(f"cannot listen on {host}:{port}: {fault.strerror}") from fault
    task = asyncio.create_task(listen(server, [bound]))
    try:
        yield bound.getsockname()[1]
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
