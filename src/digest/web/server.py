"""
The HTTP server of all pages: uvicorn with bounded connections.

Whatever clients do, they get a part of the process's open files and a short time; the senders in
the same process keep theirs.
"""

import asyncio
import socket
from collections.abc import Mapping
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from digest import log
from digest.errors import BadInput
from digest.runtime import open_files
from digest.web.connections import Acceptor, Connection

KEEP_ALIVE_S = 5  #: an idle connection is kept for the next request
MAX_HEAD_BYTES = 16_384
DRAIN_S = 3  #: for requests that are being answered when the server ends


class Server(uvicorn.Server):
    """Server of an application on a bound socket. `run` returns after `should_exit` is set, or Ctrl-C in the main thread."""

    def __init__(self, app: ASGIApp, listener: socket.socket) -> None:
        options = uvicorn.Config(
            app,
            http="h11",
            loop="asyncio",
            ws="none",
            log_config=None,
            log_level="error",  # its warnings are about what clients send
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=DRAIN_S,
            h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        )
        super().__init__(options)
        self._listener = listener
        self._acceptor: Acceptor | None = None

    @property
    def address(self) -> str:
        """URL of its address."""
        host, port, *_ = self._listener.getsockname()
        return f"http://{f'[{host}]' if ':' in host else host}:{port}/"

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """See uvicorn, which is given no socket to accept connections on."""
        asyncio.get_running_loop().set_exception_handler(_log_failure)
        await super().startup(sockets=[])
        self._acceptor = Acceptor(self._listener, self._connection, most=open_files.for_pages())
        self._acceptor.start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """See uvicorn."""
        assert self._acceptor is not None
        self._acceptor.stop()
        await super().shutdown(sockets=[self._listener])
        await self._acceptor.close()

    def _connection(self, on_lost: Any) -> Connection:
        return Connection(self.config, self.server_state, self.lifespan.state, asyncio.get_running_loop(), on_lost=on_lost)


def listen(host: str, port: int) -> socket.socket:
    """
    Bind a socket; port 0 chooses a free one.

    Raises:
        BadInput: the address cannot be used.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as problem:
        listener.close()
        raise BadInput(f"port {port} of {host} cannot be used: {problem.strerror}", code="address_in_use") from problem
    return listener


def _log_failure(_loop: asyncio.AbstractEventLoop, details: Mapping[str, Any]) -> None:
    problem = details.get("exception")
    error = f"{type(problem).__name__}: {problem}" if problem else ""
    log.get().error("pages.failed", message=details["message"], error=error)
