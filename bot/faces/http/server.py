"""Runs one ASGI app on one port, inside the house's own event loop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import Generator, Sequence

import uvicorn
from starlette.types import ASGIApp

from engine.errors import Rejected

GRACE = 5  # seconds that answers under way are waited for


class _Uvicorn(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Signals belong to the process, not to one of its parts."""
        yield


class HttpServer:
    """``port`` 0 takes a free one; ``url`` is right once started.

    ``streams``: set when it stops, so that event streams, which never finish by themselves, end at once. Without any
    those that ``create_app`` left in ``app.state.streams`` are taken.
    """

    def __init__(self, app: ASGIApp, host: str, port: int, *, streams: Sequence[asyncio.Event] = ()) -> None:
        self._streams = streams or getattr(getattr(app, "state", None), "streams", ())
        self._host = host
        self._port = port
        config = uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )
        self._server = _Uvicorn(config)
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return when requests are taken. Raises Rejected when the address cannot be had."""
        listening = _listen(self._host, self._port)
        self._port = listening.getsockname()[1]
        self._serving = asyncio.create_task(self._server.serve(sockets=[listening]), name="http")
        ready = asyncio.create_task(self._server.ready.wait())
        await asyncio.wait((ready, self._serving), return_when=asyncio.FIRST_COMPLETED)
        if self._serving.done():
            ready.cancel()
            self._serving.result()

    @property
    def url(self) -> str:
        """Where a browser on this machine finds it."""
        return url_of(self._host, self._port)

    @property
    def running(self) -> bool:
        return self._serving is not None and not self._serving.done() and self._server.started

    async def stop(self) -> None:
        """Take no more requests, end the event streams, finish what is under way."""
        if self._serving is None:
            return
        for closing in self._streams:
            closing.set()
        self._server.should_exit = True
        await self._serving
        self._serving = None


def url_of(host: str, port: int) -> str:
    """Where this machine finds what listens on ``host``."""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{near}]:{port}" if ":" in near and not near.startswith("[") else f"http://{near}:{port}"


def _listen(host: str, port: int) -> socket.socket:
    try:
        kind, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except socket.gaierror as error:
        raise Rejected(f"“{host}” is no address of this machine. Set SIGNALBOX_HOST to another one, for example 127.0.0.1.") from error
    listening = socket.socket(kind, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(1024)
    except OSError as error:
        listening.close()
        raise Rejected(_why(error, host, port)) from error
    listening.setblocking(False)
    return listening


def _why(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"Port {port} on {host} is in use: is Signalbox already running? "
                f"Stop the other program, or set SIGNALBOX_PORT to a free port, for example {port + 1}."
            )
        case errno.EACCES:
            return f"Port {port} may not be opened by this user. Set SIGNALBOX_PORT to a port above 1023."
        case errno.EADDRNOTAVAIL:
            return f"“{host}” is no address of this machine. Set SIGNALBOX_HOST to another one, for example 127.0.0.1."
    return f"Cannot listen on {host}:{port}: {error.strerror}. Look at SIGNALBOX_HOST and SIGNALBOX_PORT."
