"""Whole requests through nginx, round robin, at two cells of which one is always being killed."""

import asyncio
import itertools
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from intercup.db.engine import Database
from intercup.db.tables import Request
from intercup.services.login.sessions import log_in
from tests.cells.impatient_citizen import ImpatientCitizen, Tally
from tests.faults.processes import REQUEST, lost, until_delivered
from tests.support.made_requests import AGATA, count
from tests.support.nginx_proxy import running_nginx
from tests.support.ports import free_port
from tests.support.running_service import START_LIMIT, STOP_LIMIT, RunningService, start_service
from tests.support.smtp_servers import MailCatcher
from tests.support.web_service import FIELDS

pytestmark = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)

AT_ONCE = 4  # citizens
FORMS = 4  # every fourth request comes by the form
KILL_AFTER = 2  # requests of a round
# One address sends everything; the proxy neither speaks TLS nor keeps a session at a cell.
PROXY = {
    " ssl http2;": ";",
    "$host;": "$http_host;",
    "    hash $cell_key consistent;\n": "",
    "rate=30r/s": "rate=10000r/s",
    "    server_tokens off;\n": "    server_tokens off;\n    add_header X-Cell $upstream_addr;\n",
}
LIMITS = ("REQUESTS_PER_HOUR", "REQUESTS_PER_DAY", "REQUESTS_PER_HOUR_IP", "REQUESTS_PER_DAY_IP")
NO_LIMITS = {f"INTERCUP_{name}": "1000000" for name in (*LIMITS, "MESSAGES_PER_HOUR_IP")}


@pytest.fixture
async def cells(
    tmp_path: Path, database_url: str, mail_catcher: MailCatcher
) -> AsyncIterator[tuple[str, list[RunningService]]]:
    """The proxy's address, and the two cells, each with a worker."""
    ports = [free_port() for _ in range(2)]
    (tmp_path / "nginx").mkdir()
    addresses = [f"127.0.0.1:{port}" for port in ports]
    async with running_nginx(tmp_path / "nginx", addresses, PROXY) as proxy, AsyncExitStack() as st:
        url = f"http://127.0.0.1:{proxy.port}"
        shared = {
            "INTERCUP_BASE_URL": url,
            "INTERCUP_HTTP_PROXIES": "1",
            "INTERCUP_DATABASE_URL": database_url,
            "INTERCUP_SECRET_KEY_FILE": str(tmp_path / "secret.key"),
            "INTERCUP_SMTP_URL": f"smtp://127.0.0.1:{mail_catcher.port}",
        }
        (tmp_path / "secret.key").write_text("0" * 64)
        running = []
        for number, port in enumerate(ports):
            folder = tmp_path / f"cell{number}"
            folder.mkdir()
            more = shared | NO_LIMITS | {"INTERCUP_HTTP_PORT": str(port)}
            cell, process = start_service(folder, **more)
            running.append(cell)
            st.callback(process.wait, STOP_LIMIT)
            st.callback(process.send_signal, signal.SIGTERM)
        for cell in running:
            await cell.until_healthy()
        yield url, running


async def until_sent_to(cell: RunningService, url: str) -> None:
    """Wait until the proxy, which leaves out a cell that failed for some seconds, asks it again."""
    async with aiohttp.ClientSession() as http, asyncio.timeout(START_LIMIT):
        while True:
            async with http.get(f"{url}/accessibilita") as page:
                if cell.url.endswith(f"//{page.headers.get('X-Cell')}"):
                    return
            await asyncio.sleep(0.2)


def kill(cell: RunningService, *parts: str) -> None:
    for part in parts:
        with suppress(LookupError, ProcessLookupError):
            os.kill(cell.pid_of(part), signal.SIGKILL)


@asynccontextmanager
async def citizen_at(
    url: str, database: Database, tally: Tally, pause: float = 0.0
) -> AsyncIterator[ImpatientCitizen]:
    who = replace(AGATA, person_key=f"person-{len(tally.numbers)}-{time.monotonic()}")
    cookie = await log_in(database, None, who, time.time())
    async with ImpatientCitizen(url, tally, pause) as citizen:
        citizen._http.cookie_jar.update_cookies({"intercup": cookie}, URL(url))
        yield citizen


async def requests_under_fire(
    url: str, cell: RunningService, parts: tuple[str, ...], database: Database, requests: int
) -> Tally:
    """Send requests, some at once, and kill a cell's parts after the first few."""
    tally, left = Tally(), list(range(requests))

    async def citizens() -> None:
        while left:
            number = left.pop()
            try:
                async with citizen_at(url, database, tally) as citizen:
                    if number % FORMS:
                        await citizen.open("portal")
                        await citizen.request_by_chat()
                    else:
                        await citizen.request_by_form(FIELDS | REQUEST)
            except Exception as error:
                tally.failures.append(f"{type(error).__name__} {error}")
            if len(left) == requests - AT_ONCE - KILL_AFTER:
                await asyncio.to_thread(kill, cell, *parts)

    await asyncio.gather(*(citizens() for _ in range(AT_ONCE)))
    return tally


async def outlived(
    url: str, cells: list[RunningService], database: Database, rounds: int, of: int, *parts: str
) -> None:
    """Kill a cell in each round of requests, and check all that became of them."""
    numbers, retries = [], 0
    for cell in itertools.islice(itertools.cycle(cells), rounds):
        tally = await requests_under_fire(url, cell, parts, database, of)
        retries += tally.retries
        numbers += tally.numbers
        sys.stderr.write(f"\n{len(numbers)} numbers, {retries} retries of widgets")
        assert tally.failures == []
        assert tally.false_sentences == []
        await cell.until_healthy()
        await until_sent_to(cell, url)
    assert len(set(numbers)) == rounds * of
    assert await count(database, Request) == rounds * of, "a request was registered twice"
    assert await lost(database, numbers) == []
    await until_delivered(database)


@pytest.mark.timeout(400)
async def test_twenty_requests_outlive_the_cells_that_serve_them(
    cells: tuple[str, list[RunningService]], database: Database
) -> None:
    await outlived(*cells, database, 2, 10, "web", "actions")


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_a_thousand_requests_outlive_the_cells_that_serve_them(
    cells: tuple[str, list[RunningService]], database: Database
) -> None:
    await outlived(*cells, database, 20, 50, "web", "actions", "rasa")
