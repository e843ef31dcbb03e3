"""/health, and the service while the database is away."""

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from lxml import html

from intercup.db.engine import Database
from intercup.db.tables import Request
from intercup.domain.directory import Directory
from tests.support.databases import execute
from tests.support.delivering import deliver
from tests.support.made_requests import AGATA, count, set_deliveries, submit
from tests.support.web_service import FIELDS, Browser, Service

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
            "outbox": {},
            "oldest_waiting_seconds": 0,
            "mail_relay": True,
        },
    )


async def test_a_monitor_may_ask_by_any_name(browser: Browser) -> None:
    assert (await health(browser, Host="10.0.0.7:8080"))[0] == 200


@pytest.mark.both_databases
async def test_what_waits_is_counted(browser: Browser, directory: Directory) -> None:
    await submit(browser.database, directory)
    await set_deliveries(browser.database, "office", created_at=time.time() - 500)
    _, body = await health(browser)
    assert body["outbox"] == {"queued": 2}
    assert 500 <= body["oldest_waiting_seconds"] <= 505  # type: ignore[operator]


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
