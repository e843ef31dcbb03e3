"""The end of a server that has a successor: idle connections go, an upload may finish."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from intercup.commands.only_cell import OVERLAP
from intercup.settings import Settings
from intercup.succession import START_LIMIT, Succession
from intercup.web import server
from intercup.web.server import DRAIN_LIMIT, SHUTDOWN_LIMIT, Runner, serving
from intercup.web.upload import UPLOAD_TIMEOUT
from tests.support.paths import ROOT

DRAIN, UPLOAD = 0.3, 0.6  # seconds

type Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def test_unit_and_lock_give_a_reload_its_time() -> None:
    """The lock's time begins when the successor serves, the unit's when it is started."""
    text = (ROOT / "deploy/systemd/intercup-web.service").read_text("utf-8")
    (reload,), (unit,) = (
        [int(found) for found in re.findall(pattern, text)]
        for pattern in (r"timeout (\d+) tail", r"TimeoutStartSec=(\d+)")
    )
    drain = DRAIN_LIMIT + UPLOAD_TIMEOUT + SHUTDOWN_LIMIT
    assert drain < OVERLAP
    assert START_LIMIT + drain < reload < unit


@asynccontextmanager
async def draining(folder: Path) -> AsyncIterator[tuple[Runner, Stream, Stream]]:
    """A server that drains; an idle connection and one in the middle of an upload."""

    async def length(request: web.Request) -> web.Response:
        return web.json_response(len(await request.read()))

    app = web.Application()
    app.router.add_post("/", length)
    listening = Succession("127.0.0.1", 0).listening
    address = listening.getsockname()[:2]
    async with serving(app, Settings(data_dir=folder), 1024, listening) as runner:
        idle, upload = [await asyncio.open_connection(*address) for _ in range(2)]
        upload[1].write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc")
        await asyncio.sleep(0.1)
        yield runner, idle, upload
        for _, writer in (idle, upload):
            writer.close()


@pytest.fixture(autouse=True)
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "DRAIN_LIMIT", DRAIN)
    monkeypatch.setattr(server, "UPLOAD_TIMEOUT", UPLOAD)


async def test_an_upload_finishes_after_the_idle_connections_have_gone(tmp_path: Path) -> None:
    async with draining(tmp_path) as (runner, idle, upload):
        drained = asyncio.create_task(runner.drain())
        assert await idle[0].read() == b""
        assert not drained.done()
        upload[1].write(b"def")
        head, _, body = (await upload[0].read()).partition(b"\r\n\r\n")
        assert b"Connection: close" in head
        assert json.loads(body) == 6
        async with asyncio.timeout(UPLOAD / 2):
            await drained


async def test_an_upload_that_stands_still_delays_the_end_no_longer_than_it_may(
    tmp_path: Path,
) -> None:
    async with draining(tmp_path) as (runner, _, upload):
        async with asyncio.timeout(DRAIN + 3 * UPLOAD):
            await runner.drain()
        assert not upload[0].at_eof()
