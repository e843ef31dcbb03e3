"""Browsers that ask and don't read: their connections and their places are given back."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
import uvloop
from aiohttp import web

from intercup.settings import Settings
from intercup.succession import Succession
from intercup.web import server
from intercup.web.server import Runner, serving

ANSWER = bytes(8_000_000)  # more than the system's buffers hold
MOST = 10  # connections of an address
KEPT, CLOSED = "keep-alive", "close"

type Ask = Callable[[str], socket.socket]


@pytest.fixture(autouse=True)
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("IDLE_LIMIT", 0.1), ("UNREAD_LIMIT", 1.5), ("CLOSE_LIMIT", 0.2)):
        monkeypatch.setattr(server, name, seconds)


def serve(
    folder: Path, use: Callable[[Runner, Ask], Awaitable[None]], write_limit: int | None = None
) -> None:
    """Serve large answers to clients that read nothing, each with the header Connection given."""

    async def large(request: web.Request) -> web.Response:
        if write_limit:
            assert request.transport
            request.transport.set_write_buffer_limits(write_limit)
        return web.Response(body=ANSWER)

    async def run() -> None:
        app = web.Application()
        app.router.add_get("/", large)
        listening = Succession("127.0.0.1", 0).listening
        settings = Settings(data_dir=folder, connections_per_ip=MOST)
        with ExitStack() as clients:

            def ask(kept: str) -> socket.socket:
                client = socket.create_connection(listening.getsockname())
                clients.enter_context(client)
                client.send(f"GET / HTTP/1.1\r\nHost: x\r\nConnection: {kept}\r\n\r\n".encode())
                return client

            async with serving(app, settings, 1024, listening) as runner:
                await use(runner, ask)

    uvloop.run(run())


def open_in(runner: Runner) -> list[object]:
    """Return the clients' addresses."""
    assert runner.server
    return [each.peername for each in runner.server.connections]


@pytest.mark.parametrize("kept", [KEPT, CLOSED])
@pytest.mark.parametrize("write_limit", [None, 2 * len(ANSWER)])
def test_an_answer_that_nobody_reads_holds_no_connection(
    tmp_path: Path, kept: str, write_limit: int | None
) -> None:
    async def use(runner: Runner, ask: Ask) -> None:
        ask(kept)
        async with asyncio.timeout(5):
            for count in (1, 0):
                while len(open_in(runner)) != count:  # noqa: ASYNC110 (the server does it)
                    await asyncio.sleep(0.01)

    serve(tmp_path, use, write_limit)


def test_one_more_connection_takes_the_place_of_one_that_does_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("IDLE_LIMIT", "UNREAD_LIMIT", "CLOSE_LIMIT"):
        monkeypatch.setattr(server, name, 60)

    async def use(runner: Runner, ask: Ask) -> None:
        clients = [ask(KEPT).getsockname() for _ in range(2 * MOST)]
        async with asyncio.timeout(5):
            while len(open_in(runner)) > MOST or clients[-1] not in open_in(runner):  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    serve(tmp_path, use, 2 * len(ANSWER))


def test_a_browser_that_reads_late_gets_the_whole_answer(tmp_path: Path) -> None:
    async def use(_: Runner, ask: Ask) -> None:
        client = ask(CLOSED)
        await asyncio.sleep(0.4)
        assert len(await asyncio.to_thread(client.makefile("rb").read)) > len(ANSWER)

    serve(tmp_path, use)
