"""Messages that come by themselves: from another tab, and from deliveries."""

import asyncio
import logging

import pytest

from intercup.web import chat as chat_routes
from tests.support.made_requests import ROSARIO
from tests.support.web_service import Browser, Service, StandInRasa


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
