"""Every part of a cell is restarted by its unit while citizens chat through nginx: none notices."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from intercup.db.engine import Database
from intercup.db.tables import Request
from tests.cells.impatient_citizen import Tally
from tests.cells.test_cells import NO_LIMITS, PROXY, citizen_at
from tests.faults.processes import REQUEST, lost, until_delivered
from tests.support.made_requests import count
from tests.support.nginx_proxy import Proxy, running_nginx
from tests.support.ports import free_port
from tests.support.smtp_servers import MailCatcher
from tests.support.units import Unit
from tests.support.web_service import FIELDS

pytestmark = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)

CITIZENS = 3
PAUSE = 0.15  # seconds; without it their own work makes Rasa's restart four times as long
SECRET = "s" * 64
UP_WITHIN = 30.0  # seconds


class Cell:
    """The units of one cell, in the order in which they are restarted."""

    def __init__(self, folder: Path, shared: dict[str, str]) -> None:
        folder.mkdir()
        self.port, rasa, actions = free_port(), free_port(), free_port()
        environment = shared | {
            "INTERCUP_DATA_DIR": str(folder),
            "INTERCUP_HTTP_PORT": str(self.port),
            "INTERCUP_RASA_URL": f"http://127.0.0.1:{rasa}",
            "INTERCUP_ACTIONS_URL": f"http://127.0.0.1:{actions}",
            "INTERCUP_METRICS_PORT": str(free_port(3)),
        }
        names = ("actions", f"rasa@{rasa}", "web", "worker")
        webhook = {"INTERCUP_ACTIONS_WEBHOOK": f"http://127.0.0.1:{actions}/webhook"}
        self.units = [
            Unit(name, folder, environment | (webhook if "rasa" in name else {})) for name in names
        ]

    async def start(self) -> None:
        for unit in self.units:
            await asyncio.to_thread(unit.start)
        await self.until_ready()

    async def stop(self) -> None:
        for unit in self.units:
            await asyncio.to_thread(unit.stop)

    async def until_ready(self) -> None:
        url = f"http://127.0.0.1:{self.port}/ready"
        async with aiohttp.ClientSession() as http, asyncio.timeout(UP_WITHIN):
            while True:
                async with http.get(url) as answer:
                    if (await answer.json())["assistant"]:
                        return
                await asyncio.sleep(0.2)

    async def restart_each(self) -> None:
        for unit in self.units:
            before, began = unit.main_pid, time.monotonic()
            if unit.name == "worker":
                await asyncio.to_thread(unit.stop)
                await asyncio.to_thread(unit.start)
            else:
                await asyncio.to_thread(unit.reload)
            assert unit.name.startswith("rasa") or unit.main_pid != before, unit.log()
            assert "ALARM" not in unit.log()
            await self.until_ready()
            sys.stderr.write(f"\n{unit.name}: {time.monotonic() - began:.1f} s")


@asynccontextmanager
async def cells(
    number: int, folder: Path, database_url: str, mail: MailCatcher
) -> AsyncIterator[tuple[Proxy, list[Cell]]]:
    """Cells on one database, and the proxy before them."""
    async with AsyncExitStack() as stack:
        shared = NO_LIMITS | {
            "INTERCUP_HTTP_PROXIES": "1",
            "INTERCUP_DATABASE_URL": database_url,
            "INTERCUP_SECRET_KEY_FILE": str(folder / "secret.key"),
            "INTERCUP_RASA_SECRET": SECRET,
            "INTERCUP_SMTP_URL": f"smtp://127.0.0.1:{mail.port}",
        }
        (folder / "secret.key").write_text("0" * 64)
        (folder / "secret.key").chmod(0o600)
        (folder / "nginx").mkdir()
        proxy_port = free_port()
        shared["INTERCUP_BASE_URL"] = f"http://127.0.0.1:{proxy_port}"
        found = [Cell(folder / f"cell{each}", shared) for each in range(number)]
        addresses = [f"127.0.0.1:{cell.port}" for cell in found]
        proxy = await stack.enter_async_context(
            running_nginx(folder / "nginx", addresses, PROXY, port=proxy_port)
        )
        for cell in found:
            stack.push_async_callback(cell.stop)
            await cell.start()
        yield proxy, found


async def make_requests(
    url: str, database: Database, tally: Tally, is_over: Callable[[], bool]
) -> None:
    """Send a request by the chat, then one by the form, again and again."""
    while not is_over():
        async with citizen_at(url, database, tally, PAUSE) as citizen:
            await citizen.open("portal")
            await citizen.request_by_chat()
        async with citizen_at(url, database, tally) as citizen:
            await citizen.request_by_form(FIELDS | REQUEST)


async def keep_listening(url: str, database: Database, ends: list[float]) -> None:
    """Keep an event stream open, and note its ends."""
    async with citizen_at(url, database, Tally()) as citizen:
        await citizen.open("portal")
        while True:
            async with citizen._http.get(f"{url}/chat/events") as stream:
                assert stream.status == 200
                await stream.read()
            ends.append(time.monotonic())


async def unnoticed(proxy: Proxy, found: list[Cell], database: Database, rounds: int) -> Tally:
    """Restart each part of each cell this many times under load, and check all that became."""
    url, tally, ends = f"http://127.0.0.1:{proxy.port}", Tally(), list[float]()
    over = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        listening = group.create_task(keep_listening(url, database, ends))
        citizens = [
            group.create_task(make_requests(url, database, tally, over.is_set))
            for _ in range(CITIZENS)
        ]
        for _ in range(rounds):
            for cell in found:
                await cell.restart_each()
        over.set()
        await asyncio.wait(citizens)
        listening.cancel()
    answers = [line for line in proxy.log().splitlines() if '"status":' in line]
    bad = [line for line in answers if '"status":5' in line]
    sys.stderr.write(
        f"\n{len(tally.numbers)} requests, {len(answers)} answers, {len(bad)} of them 5xx,"
        f" {tally.retries} retries, {len(ends)} streams ended"
    )
    assert bad == []
    assert (tally.failures, tally.false_sentences, tally.retries) == ([], [], 0)
    assert len(ends) >= rounds
    numbers = set(tally.numbers)
    assert await count(database, Request) == len(numbers), "a request was registered twice"
    assert await lost(database, list(numbers)) == []
    await until_delivered(database)
    return tally


@pytest.mark.timeout(300)
async def test_no_citizen_notices_that_each_part_is_restarted(
    tmp_path: Path, database_url: str, database: Database, mail_catcher: MailCatcher
) -> None:
    async with cells(1, tmp_path, database_url, mail_catcher) as (proxy, found):
        assert (await unnoticed(proxy, found, database, 1)).numbers


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_no_citizen_of_two_cells_notices_ten_restarts_of_each_part(
    tmp_path: Path, database_url: str, database: Database, mail_catcher: MailCatcher
) -> None:
    async with cells(2, tmp_path, database_url, mail_catcher) as (proxy, found):
        await unnoticed(proxy, found, database, 10)
