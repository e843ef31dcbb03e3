"""Floods: a visitor who has proved nothing can't fill the disk or make the service send mail."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from intercup.db.engine import Database
from intercup.db.tables import (
    BrowserSession,
    ChatMessage,
    Conversation,
    Rating,
)
from intercup.domain.directory import Directory
from intercup.errors import TooMany
from intercup.web import floods
from intercup.web.floods import Hourly
from tests.support.made_requests import AGATA, count
from tests.support.web_service import Service, StandInRasa, running_service

FEW: dict[str, Any] = {
    "logins_per_hour_ip": 2,
    "chats_per_hour_ip": 2,
    "messages_per_hour": 2,
    "messages_per_hour_ip": 3,
}


@pytest.fixture
async def few(monkeypatch: pytest.MonkeyPatch, sqlite_url: str) -> Database:
    """An empty database, for services that allow few of everything."""
    monkeypatch.setattr(floods, "DEMO_TIMES", 1)
    database = Database(sqlite_url)
    await database.migrate()
    return database


@pytest.fixture
async def limited(
    few: Database, directory: Directory, tmp_path: Path, rasa: StandInRasa
) -> AsyncIterator[Service]:
    """A service that allows few of everything."""
    async with running_service(few, directory, tmp_path, rasa.url, **FEW) as service:
        yield service


@pytest.fixture
async def behind_a_proxy(
    few: Database, directory: Directory, tmp_path: Path, rasa: StandInRasa
) -> AsyncIterator[Service]:
    """The same service, whose visitors are those that a proxy names."""
    more = FEW | {"http_proxies": 1}
    async with running_service(few, directory, tmp_path, rasa.url, **more) as service:
        yield service


async def open_chat(service: Service) -> tuple[int, dict[str, Any]]:
    async with service.browser() as browser, browser.get("/chat/session?page=home") as response:
        return response.status, await response.json()


async def test_new_chats_from_one_address_are_limited_and_the_rest_leaves_no_trace(
    limited: Service,
) -> None:
    answers = [await open_chat(limited) for _ in range(5)]
    assert [status for status, _ in answers] == [200, 200, 429, 429, 429]
    assert answers[-1][1]["error"] == "too_many_visits"
    assert await count(limited.database, BrowserSession) == 2
    assert await count(limited.database, Conversation) == 2


async def test_no_header_of_the_client_gives_it_more_chats_behind_a_proxy(
    behind_a_proxy: Service,
) -> None:
    statuses = []
    for number in range(20):
        seen = [
            ("X-Forwarded-For", f"198.51.100.{number}"),
            ("X-Forwarded-For", f"192.0.2.1:{number}"),
        ]
        async with (
            behind_a_proxy.browser() as browser,
            browser.get("/chat/session?page=home", headers=seen) as response,
        ):
            statuses.append(response.status)
    assert statuses == [200] * 2 + [429] * 18


async def test_a_chat_that_is_open_goes_on_when_no_new_one_may_begin(limited: Service) -> None:
    async with limited.browser() as browser:
        await browser.open_chat()
        for _ in range(3):
            await open_chat(limited)
        async with browser.get("/chat/session?page=home") as response:
            assert response.status == 200


async def test_messages_of_one_chat_are_limited_and_the_widget_is_told_to_wait(
    limited: Service, rasa: StandInRasa
) -> None:
    async with limited.browser() as browser:
        await browser.open_chat()
        answers = [await browser.say("ciao") for _ in range(4)]
        assert [status for status, _ in answers] == [200, 200, 429, 429]
        assert answers[-1][1]["error"] == "too_many_messages"
    assert len(rasa.got) == 2
    assert await count(limited.database, ChatMessage) == 1 + 2 * 2


async def test_to_forget_a_chat_begins_one_and_counts_as_one(limited: Service) -> None:
    async with limited.browser() as browser:
        await browser.open_chat()
        statuses = []
        for _ in range(3):
            async with browser.post("/chat/forget", json={}) as response:
                statuses.append(response.status)
    assert statuses == [200, 429, 429]


async def test_ratings_of_one_session_are_limited(limited: Service) -> None:
    async with limited.browser(AGATA) as browser:
        for status in [303] * floods.RATINGS + [429]:
            async with browser.post("/valutazione", data={"rating": "5"}) as response:
                assert response.status == status
    assert await count(limited.database, Rating) == floods.RATINGS


async def test_another_chat_does_not_give_an_address_more_messages(limited: Service) -> None:
    statuses = []
    for _ in range(2):
        async with limited.browser() as browser:
            await browser.open_chat()
            statuses += [(await browser.say("ciao"))[0] for _ in range(2)]
    assert statuses == [200, 200, 200, 429]


async def test_logins_begun_from_one_address_are_limited(limited: Service) -> None:
    statuses = []
    async with limited.browser() as browser:
        for _ in range(4):
            async with browser.get("/spid/login?idp=unknown") as response:
                statuses.append(response.status)
    assert statuses == [403, 403, 429, 429]


def test_there_is_room_again_bit_by_bit() -> None:
    now = 0.0
    hourly = Hourly(60, "too_many_visits", lambda: now)
    for _ in range(60):
        hourly.take("one")
    with pytest.raises(TooMany) as refused:
        hourly.take("one")
    assert refused.value.retry_after == 60
    hourly.take("another")
    now = 59.0
    with pytest.raises(TooMany):
        hourly.take("one")
    now = 60.0
    hourly.take("one")
    with pytest.raises(TooMany):
        hourly.take("one")


def test_many_addresses_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floods, "KEYS_MAX", 10)
    hourly = Hourly(60, "too_many_visits")
    for number in range(1_000):
        hourly.take(str(number))
    assert len(hourly._used_until) <= 10
