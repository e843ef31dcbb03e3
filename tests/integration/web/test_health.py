"""/live, /ready and /health, and the service while the database is away or hangs."""

import asyncio
import re
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from lxml import html
from sqlalchemy import text

from intercup.db.engine import Database
from intercup.db.sqlite import sqlite3
from intercup.db.tables import Request
from intercup.domain.directory import Directory
from intercup.services.structures.structures import Structures
from tests.support.databases import execute, migrate
from tests.support.delivering import deliver
from tests.support.made_requests import AGATA, count, deliveries, set_deliveries, submit
from tests.support.paths import ROOT
from tests.support.postgres_server import postgres_that_restarts
from tests.support.web_service import FIELDS, Browser, Service, StandInRasa, running_service

type Switch = Callable[[bool], Awaitable[None]]


@pytest.fixture
async def switch(
    request: pytest.FixtureRequest, database: Database, database_url: str, tmp_path: Path
) -> AsyncIterator[Switch]:
    """Take the database away (False) and give it back (True)."""
    if database.is_sqlite:

        async def turn(on: bool) -> None:
            file, away = tmp_path / "intercup.db", tmp_path / "away"
            await database.close()  # open files would go on working
            if on:
                file.rmdir()
                away.rename(file)
            else:
                file.rename(away)
                file.mkdir()

    else:
        address = request.getfixturevalue("postgres")
        name = database_url.rpartition("/")[2]

        async def turn(on: bool) -> None:
            await execute(address, f"ALTER DATABASE {name} ALLOW_CONNECTIONS {on}")
            await execute(
                address,
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",  # noqa: S608
            )

    yield turn


async def health(browser: Browser, **headers: str) -> tuple[int, dict[str, object]]:
    async with browser.get("/health", headers=headers) as response:
        return response.status, await response.json()


async def test_a_new_service_is_well_but_for_the_assistant(browser: Browser) -> None:
    assert await health(browser) == (
        200,
        {
            "database": True,
            "assistant": False,
            "models": [],
            "outbox": {},
            "oldest_waiting_seconds": 0,
            "mail_relay": True,
        },
    )


async def assert_probes_answer(browser: Browser, ready: int) -> None:
    """Each probe answers within a second; /ready and /health with this status."""
    for path, expected in (("/live", 200), ("/ready", ready), ("/health", ready)):
        began = time.monotonic()
        async with browser.get(path) as response:
            assert response.status == expected, path
        assert time.monotonic() - began < 1.0, path


@pytest.mark.parametrize("path", ["/live", "/ready", "/health"])
async def test_a_monitor_may_ask_by_any_name(browser: Browser, path: str) -> None:
    async with browser.get(path, headers={"Host": "10.0.0.7:8080"}) as response:
        assert response.status == 200


async def until_ready(browser: Browser) -> None:
    async with asyncio.timeout(5):
        while True:
            async with browser.get("/ready") as response:
                if response.status == 200:
                    return
            await asyncio.sleep(0.02)


async def until_assistant_is(browser: Browser, wanted: bool) -> None:
    async with asyncio.timeout(10):
        while True:
            async with browser.get("/ready") as response:
                assert response.status == 200
                if await response.json() == {"database": True, "assistant": wanted}:
                    return
            await asyncio.sleep(0.1)


async def test_the_assistant_is_up_while_a_turn_works(
    chat_service: Service, rasa: StandInRasa
) -> None:
    async with chat_service.browser() as browser:
        await until_assistant_is(browser, True)
        rasa.replies = None  # as Rasa without its actions
        await until_assistant_is(browser, False)
        rasa.replies = [{"text": "Va bene."}]
        await until_assistant_is(browser, True)


async def test_a_lock_that_another_process_keeps_hangs_no_probe(
    service: Service, tmp_path: Path
) -> None:
    holder = sqlite3.connect(tmp_path / "intercup.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    async with service.browser() as browser:
        await assert_probes_answer(browser, ready=503)
        holder.execute("COMMIT")
        holder.close()
        await until_ready(browser)
        await assert_probes_answer(browser, ready=200)


async def test_a_postgres_that_hangs_hangs_no_probe(directory: Directory, tmp_path: Path) -> None:
    with postgres_that_restarts() as server:
        url = f"postgresql+asyncpg://{server.address}/postgres"
        await migrate(url)
        async with (
            running_service(Database(url), directory, tmp_path) as service,
            service.browser() as browser,
        ):
            await assert_probes_answer(browser, ready=200)
            with server.hanging():
                await asyncio.sleep(2.1)  # past the last answer's time
                await assert_probes_answer(browser, ready=503)
                await assert_probes_answer(browser, ready=503)
            await until_ready(browser)
            await assert_probes_answer(browser, ready=200)


async def test_a_service_that_stops_leaves_nothing_at_work(
    postgres_url: str, directory: Directory, tmp_path: Path
) -> None:
    await migrate(postgres_url)
    other = Database(postgres_url)
    before = asyncio.all_tasks()
    async with other.write() as session:
        async with (
            running_service(Database(postgres_url), directory, tmp_path) as service,
            service.browser() as browser,
        ):
            await session.execute(text("LOCK TABLE channels"))
            assert (await health(browser))[0] == 503  # The check goes on.
        assert asyncio.all_tasks() == before
    await other.close()


@pytest.mark.both_databases
async def test_a_refused_structures_file_is_told_by_mail(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intercup.web.health.WATCH_EVERY", 0.1)
    monkeypatch.setattr("intercup.services.structures.structures.CHECK_EVERY", 0.05)
    file = tmp_path / "structures.yaml"
    shutil.copy(ROOT / "config/structures.yaml", file)
    more = {"alarm_to": "presidio@intercup.example.it"}
    async with (
        running_service(database, Structures.load(file), tmp_path, **more),
        asyncio.timeout(20),
    ):
        shutil.copy(ROOT / "Makefile", file)
        while not (found := await deliveries(database)):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    assert [row.recipient for row in found] == ["presidio@intercup.example.it"]


async def test_what_waits_is_counted(browser: Browser, directory: Directory) -> None:
    await submit(browser.database, directory)
    await set_deliveries(browser.database, "office", created_at=time.time() - 500)
    _, body = await health(browser)
    assert body["outbox"] == {"queued": 2}
    assert 500 <= body["oldest_waiting_seconds"] <= 505  # type: ignore[operator]


async def test_what_has_arrived_is_not_counted(browser: Browser, directory: Directory) -> None:
    await submit(browser.database, directory)
    await set_deliveries(browser.database, "copy", state="sent")
    await set_deliveries(browser.database, "office", state="held")
    _, body = await health(browser)
    assert body["outbox"] == {"held": 1}


async def test_a_relay_that_fails_is_told(browser: Browser, directory: Directory) -> None:
    await submit(browser.database, directory)
    await deliver(browser.database, "smtp://127.0.0.1:1")
    status, body = await health(browser)
    assert (status, body["mail_relay"]) == (200, False)


@pytest.mark.both_databases
async def test_without_the_database_health_is_red_and_recovers(
    browser: Browser, switch: Switch
) -> None:
    await switch(False)
    status, body = await health(browser)
    assert (status, body["database"]) == (503, False)
    await switch(True)
    statuses = [(await health(browser))[0] for _ in range(3)]
    assert statuses[-1] == 200


@pytest.mark.both_databases
async def test_without_the_database_no_number_is_shown(service: Service, switch: Switch) -> None:
    async with service.browser(AGATA) as browser:
        await browser.open_chat("portal")
        await switch(False)
        async with browser.post("/assistenza", data=FIELDS) as response:
            assert response.status == 503
            assert int(response.headers["Retry-After"]) > 0
            assert "Nulla è stato inviato" in await response.text()
        status, answer = await browser.say("ciao")
        assert (status, answer["error"]) == (503, "database_unavailable")
        async with browser.get("/regolamento") as response:
            assert response.status == 200
        await switch(True)
        # The first one may still meet a connection that was cut.
        statuses = []
        for _ in range(2):
            async with browser.send_form(FIELDS) as response:
                statuses.append(response.status)
        assert statuses[-1] == 200
        assert await count(service.database, Request) == 1


@pytest.mark.both_databases
async def test_without_the_database_every_page_still_comes(
    service: Service, switch: Switch
) -> None:
    async with service.browser(AGATA) as browser:
        await switch(False)
        for path, status in (("/", 200), ("/accessibilita", 200), ("/richieste", 503)):
            async with browser.get(path, headers={"Accept": "text/html"}) as response:
                text = await response.text()
                assert (path, response.status) == (path, status)
                assert "mailto:intercup@regione.sicilia.it" in text
                assert "Accedi" not in text.partition("<main")[0]  # nobody knows who is there
        assert int(response.headers["Retry-After"]) > 0
        async with browser.get("/richieste", headers={"Accept": "application/json"}) as response:
            assert (response.status, (await response.json())["error"]) == (
                503,
                "database_unavailable",
            )


@pytest.mark.both_databases
async def test_without_the_database_the_form_comes_back_as_it_was_filled_in(
    service: Service, switch: Switch
) -> None:
    async with service.browser(AGATA) as browser:
        async with browser.get("/assistenza") as response:
            mark = re.search(r'name="person" value="([0-9a-f]+)"', await response.text())
        assert mark
        await switch(False)
        async with browser.post("/assistenza", data=FIELDS | {"person": mark[1]}) as response:
            text = await response.text()
        assert "sessione è scaduta" not in text
        page = html.document_fromstring(text)
        (form,) = page.xpath("//form[@id='request-form']")
        sent_again = {name: value.strip() for name, value in form.form_values()}
        assert sent_again.items() >= (FIELDS | {"person": mark[1]}).items()
