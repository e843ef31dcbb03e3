"""The HTTP server under the application: time limits and numbers of connections."""

import asyncio
import logging
import resource
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiohttp import hdrs, web
from aiohttp.web_protocol import RequestHandler

from intercup.settings import Settings
from intercup.texts import TEXTS
from intercup.web.client_ip import of_one_line
from intercup.web.upload import UPLOAD_TIMEOUT

# Seconds for a request's complete head, and for a browser to read an answer. Our proxy must
# close its idle connections earlier (docs/operations.md).
IDLE_LIMIT = 30.0
UNREAD_LIMIT = 60.0
CLOSE_LIMIT = 10.0  # seconds for the last kilobytes of an answer, once the connection closes
DRAIN_LIMIT = 21.0  # seconds; our proxy closes its idle connections after 20
SHUTDOWN_LIMIT = 5.0  # seconds for the requests that are still open after it
OPEN_FILES = 65_536  # more are never needed
# uvloop accepts one connection a round from each, and a round is long under load.
LISTENERS = 16
BACKLOG = 1024  # connections that wait to be accepted
OTHER_FILES = 256  # reserved for database, Rasa, files and closing connections

logger = logging.getLogger(__name__)


class _Refusal(web.Response):
    """An answer outside the application, without the server's name, like all others."""

    async def _prepare_headers(self) -> None:
        await super()._prepare_headers()
        self.headers.popall("Server", None)


class Connection(RequestHandler):
    """One connection of a browser."""

    def __init__(self, server: web.Server, room: "Room", **options: Any) -> None:
        super().__init__(server, **options)
        self.address = ""
        self.heard_at = 0.0  # of the loop's clock
        self._room = room
        self._is_closing = False
        # aiohttp forgets its own as soon as it begins to close, which may last.
        self._open: asyncio.Transport | None = None
        self._limit: asyncio.TimerHandle | None = None

    @property
    def is_open(self) -> bool:
        """Return False once it is aborted or lost."""
        return self._open is not None

    @property
    def is_waiting(self) -> bool:
        """Return True if nothing is being answered."""
        return not self._request_in_progress

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._open = self.transport
        self.heard_at = self._loop.time()
        self.address = of_one_line(str(self.peername[0] if self.peername else ""))
        self._room.enter(self)

    def data_received(self, data: bytes) -> None:
        self.heard_at = self._loop.time()
        super().data_received(data)

    async def start(self) -> None:
        await super().start()
        self._close_in_time()

    def force_close(self) -> None:
        super().force_close()
        self._close_in_time()

    def abort(self) -> None:
        """Close at once, without what the browser hasn't read."""
        if self._open:
            self._open.abort()
            self._open = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._abort_in(UNREAD_LIMIT)

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self._is_closing:
            self._lift_limit()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._open = None
        self._lift_limit()
        self._room.leave(self)
        super().connection_lost(exc)

    def _close_in_time(self) -> None:
        self._is_closing = True
        if self._open:
            self._abort_in(CLOSE_LIMIT)

    def _abort_in(self, seconds: float) -> None:
        self._lift_limit()
        self._limit = self._loop.call_later(seconds, self.abort)

    def _lift_limit(self) -> None:
        if self._limit:
            self._limit.cancel()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer malformed requests and failures outside the application, without logging input."""
        name = type(exc).__name__
        if status < 500:
            logger.warning("malformed request: %s", name)
        else:
            logger.error("request failed: %s", name, exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has begun")
        key = "bad_request" if status < 500 else "internal"
        response = _Refusal(status=status, text=TEXTS(f"error.{key}"))
        response.force_close()
        return response


class Room:
    """The open connections. One above the limit replaces the one silent for longest."""

    def __init__(self, most: int, most_of_one: int) -> None:
        self._most, self._most_of_one = most, most_of_one
        self._by_address: dict[str, set[Connection]] = {}
        self._count = 0
        self._empty = asyncio.Event()
        self.is_closing = False

    def enter(self, connection: Connection) -> None:
        """Count a connection, and close one if there are too many of its address or of all."""
        of_one = self._by_address.setdefault(connection.address, set())
        of_one.add(connection)
        self._count += 1
        if len(of_one) > self._most_of_one:
            _close_one_of(of_one, connection)
        elif self._count > self._most:
            _close_one_of({c for each in self._by_address.values() for c in each}, connection)

    def leave(self, connection: Connection) -> None:
        """Stop counting a connection."""
        of_one = self._by_address[connection.address]
        of_one.remove(connection)
        self._count -= 1
        if not of_one:
            del self._by_address[connection.address]
        if self.is_closing and not self._count:
            self._empty.set()

    async def close(self) -> None:
        """Wait until all have left, each with its next answer."""
        self.is_closing = True
        if self._count:
            await self._empty.wait()

    async def close_waiting(self) -> None:
        """Close those without a request, and wait until the others have left."""
        for each in [c for of_one in self._by_address.values() for c in of_one]:
            if each.is_waiting:
                each.force_close()
        await self.close()


def _close_one_of(connections: set[Connection], newest: Connection) -> None:
    """Close the connection silent for longest; the newest if all others are being answered."""
    others = [each for each in connections if each is not newest and each.is_open]
    waiting = [each for each in others if each.is_waiting]
    min(waiting, key=lambda each: each.heard_at, default=newest).abort()


class Server(web.Server):
    """Creates a connection for each browser."""

    def __init__(self, made: web.Server, room: Room, options: dict[str, Any]) -> None:
        super().__init__(made.request_handler, request_factory=made.request_factory)
        self._room, self._options = room, options

    def __call__(self) -> Connection:
        return Connection(self, self._room, loop=self._loop, **self._options)


class Runner(web.AppRunner):
    """Serves the application with these limits."""

    __slots__ = ("_room",)

    def __init__(self, app: web.Application, settings: Settings, open_files: int) -> None:
        # No unpacking of bodies: compressed ones are refused (web/middleware.py).
        super().__init__(
            app,
            shutdown_timeout=SHUTDOWN_LIMIT,
            keepalive_timeout=IDLE_LIMIT,
            auto_decompress=False,
        )
        most = max(open_files - OTHER_FILES, open_files // 2)
        # Behind our proxy all clients have its address; it has limits of its own.
        most_of_one = most if settings.http_proxies else min(most, settings.connections_per_ip)
        logger.info("connections: at most %d, %d of one address", most, most_of_one)
        self._room = Room(most, most_of_one)
        app.on_response_prepare.append(self._end_if_closing)

    async def drain(self) -> None:
        """Accept no more, and let each connection end with its next answer, or idle.

        An upload takes as long as it may.
        """
        for site in self.sites:
            await site.stop()
        await self.shutdown()
        for limit, close in (
            (DRAIN_LIMIT, self._room.close),
            (UPLOAD_TIMEOUT, self._room.close_waiting),
        ):
            with suppress(TimeoutError):
                async with asyncio.timeout(limit):
                    await close()

    async def _end_if_closing(self, _: web.Request, response: web.StreamResponse) -> None:
        if self._room.is_closing:
            response.force_close()
            response.headers[hdrs.CONNECTION] = "close"

    async def _make_server(self) -> web.Server:
        return Server(await super()._make_server(), self._room, self._kwargs)


def raise_open_files() -> int:
    """Raise this process's limit of open files as far as allowed, and return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(soft, OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    logger.info("open files: at most %d", wanted)
    return wanted


@asynccontextmanager
async def serving(
    app: web.Application, settings: Settings, open_files: int, listening: socket.socket
) -> AsyncIterator[Runner]:
    """Serve the application on a bound socket."""
    runner = Runner(app, settings, open_files)
    await runner.setup()
    try:
        for own in (listening, *(listening.dup() for _ in range(LISTENERS - 1))):
            await web.SockSite(runner, own, backlog=BACKLOG).start()
        yield runner
    finally:
        await runner.cleanup()
