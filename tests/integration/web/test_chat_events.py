"""Messages that come by themselves: from another tab, and from deliveries."""

import asyncio
import logging
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from intercup.db.engine import Database
from intercup.domain.directory import Directory
from intercup.web import chat as chat_routes
from intercup.web.streams import OF_SESSION
from tests.support.made_requests import AGATA, ROSARIO
from tests.support.web_service import Browser, Service, StandInRasa, running_service


async def test_events_of_another_tab_arrive(
    chatting: Browser, rasa: StandInRasa, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_routes, "EVENTS_POLL", 0.02)
    async with chatting.get("/chat/events") as events:
        assert events.content_type == "text/event-stream"
        await chatting.say("dall'altra scheda")
        async with asyncio.timeout(5):
            async for line in events.content:
                if b"dall'altra scheda" in line:
                    break


async def test_a_closed_tab_is_no_error(
    chatting: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(chat_routes, "EVENTS_POLL", 0.01)
    events = await chatting.get("/chat/events")
    events.close()
    await asyncio.sleep(0.6)
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []


async def test_events_of_somebody_else_do_not_arrive(
    chat_service: Service, chatting: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_routes, "EVENTS_POLL", 0.02)
    async with chat_service.browser(ROSARIO) as rosario:
        await rosario.open_chat("portal")
        async with rosario.get("/chat/events") as events:
            await chatting.say("un segreto di Agata")
            await asyncio.sleep(0.3)
            assert b"segreto" not in events.content.read_nowait()


async def test_a_tab_left_open_hears_nothing_after_the_logout_in_another(
    chat_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_routes, "EVENTS_POLL", 0.02)
    async with chat_service.browser(AGATA) as agata:
        await agata.open_chat("portal")
        async with agata.get("/chat/events") as events:
            assert await events.content.readuntil(b"here\n\n")
            async with agata.post("/esci") as answer:
                assert answer.status == 303
            async with asyncio.timeout(5):
                assert b"event" not in await events.content.read()


async def test_a_tab_left_open_hears_nothing_of_the_chat_that_is_begun_in_another(
    chatting: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_routes, "EVENTS_POLL", 0.02)
    async with chatting.get("/chat/events") as events:
        assert await events.content.readuntil(b"here\n\n")
        async with chatting.post("/chat/forget", json={}) as answer:
            assert answer.status == 200
        await chatting.open_chat()
        async with asyncio.timeout(5):
            assert b"event" not in await events.content.read()


async def test_a_session_has_a_handful_of_streams_and_the_oldest_ends(
    chatting: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_routes, "EVENTS_POLL", 0.02)
    async with AsyncExitStack() as stack:
        opened = [
            await stack.enter_async_context(chatting.get("/chat/events"))
            for _ in range(OF_SESSION + 1)
        ]
        async with asyncio.timeout(5):
            said = await opened[0].content.read()
        assert said.endswith(b"retry: 60000\n\n")  # not at once, or tabs would chase each other
        await chatting.say("alle altre schede")
        async with asyncio.timeout(5):
            for events in opened[1:]:
                await events.content.readuntil(b"alle altre schede")


async def test_an_address_has_no_more_streams_than_the_setting_says(
    database: Database, directory: Directory, tmp_path: Path, rasa: StandInRasa
) -> None:
    limits = {"events_per_ip": 2}
    async with (
        running_service(database, directory, tmp_path, rasa.url, **limits) as service,
        AsyncExitStack() as stack,
    ):
        statuses = []
        for _ in range(3):
            browser = await stack.enter_async_context(service.browser())
            await browser.open_chat()
            events = await stack.enter_async_context(browser.get("/chat/events"))
            statuses.append((events.status, "Retry-After" in events.headers))
    assert statuses == [(200, False), (200, False), (429, True)]
