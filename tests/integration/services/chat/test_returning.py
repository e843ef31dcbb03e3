"""A citizen who comes back to a finished chat is welcomed; the old one is there when asked for."""

from typing import Any

import pytest
from sqlalchemy import select, update

from intercup.db.tables import ChatMessage
from intercup.domain.dialogue import Draft, draft_as_json
from intercup.services.chat.conversations import Message, append
from intercup.services.chat.returning import AWAY
from intercup.texts import TEXTS
from tests.support.web_service import Browser, StandInRasa

OFFERED = [{"text": "Continuo?", "buttons": [{"title": "Sì", "payload": "/affirm"}]}]


async def come_back(browser: Browser, more: str = "") -> dict[str, Any]:
    """Let time pass, then open a page."""
    async with browser.database.write() as writing:
        earlier = ChatMessage.created_at - AWAY - 1
        await writing.execute(update(ChatMessage).values(created_at=earlier))
    return await opened(browser, more)


async def opened(browser: Browser, more: str = "") -> dict[str, Any]:
    return await browser.open_chat(f"portal{more}")


def texts_of(body: dict[str, Any]) -> list[str]:
    return [message["text"] for message in body["messages"]]


@pytest.mark.both_databases
async def test_the_welcome_comes_once_and_alone(chatting: Browser) -> None:
    await chatting.say("si può disdire?")
    before = await opened(chatting)
    assert "earlier" not in before
    back = await come_back(chatting)
    assert texts_of(back) == [TEXTS("welcome.portal")]
    again = await come_back(chatting)
    assert [message["id"] for message in again["messages"]] == [back["messages"][0]["id"]]
    everything = await opened(chatting, f"&from={back['earlier']}")
    assert texts_of(everything) == [*texts_of(before), TEXTS("welcome.portal")]


async def test_its_choices_count_and_those_of_before_do_not(
    chatting: Browser, rasa: StandInRasa
) -> None:
    rasa.replies = OFFERED
    await chatting.say("si può disdire?")
    (welcome,) = (await come_back(chatting))["messages"]
    assert (await chatting.press("/affirm"))[0] == 409
    assert (await chatting.press(welcome["buttons"][0]["payload"]))[0] == 200
    body = await opened(chatting)
    assert texts_of(body)[0] == TEXTS("welcome.portal")
    assert "si può disdire?" not in texts_of(body)


@pytest.mark.parametrize("begun", [Draft(step="structure"), Draft(first_message="testo")])
async def test_a_request_under_way_goes_on(
    chatting: Browser, rasa: StandInRasa, begun: Draft
) -> None:
    rasa.replies = [{"text": "Quale?", "custom": {"draft": draft_as_json(begun)}}]
    await chatting.say("il calendario resta vuoto")
    assert texts_of(await come_back(chatting))[-2:] == ["il calendario resta vuoto", "Quale?"]


async def test_what_came_while_away_is_seen_first(chatting: Browser) -> None:
    await chatting.say("si può disdire?")
    async with chatting.database.write() as writing:
        asked = select(ChatMessage).where(ChatMessage.author == "citizen")
        row = (await writing.scalars(asked)).one()
        (news,) = await append(writing, row.conversation_id, [Message("Consegnata.")])
        later = {"created_at": row.created_at + AWAY + 60}
        await writing.execute(update(ChatMessage).where(ChatMessage.id == news.id).values(later))
    assert texts_of(await come_back(chatting))[-1] == "Consegnata."


async def test_words_without_an_answer_are_not_left_behind(
    chatting: Browser, rasa: StandInRasa
) -> None:
    rasa.replies = None
    await chatting.say("si può disdire?")
    assert "si può disdire?" in texts_of(await come_back(chatting))


async def test_a_page_that_shows_the_chat_keeps_it(chatting: Browser) -> None:
    await chatting.say("si può disdire?")
    assert "si può disdire?" in texts_of(await come_back(chatting, "&shown="))


async def test_the_stream_of_a_page_that_begins_anew_repeats_nothing_of_before(
    chatting: Browser,
) -> None:
    await chatting.say("si può disdire?")
    await come_back(chatting)
    async with chatting.get("/chat/events") as events:
        sent = (await events.content.readuntil(b"here\n\n")).decode()
    assert TEXTS("welcome.portal")[:20] in sent
    assert "disdire" not in sent
