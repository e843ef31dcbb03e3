"""Words typed in the chat after a sent request, added to that one instead of becoming another."""

from typing import Any

import pytest
from sqlalchemy import select, update

from intercup.db.tables import Conversation, Request
from intercup.domain.dialogue import ACCESS, Draft, draft_as_json
from intercup.domain.directory import Directory
from tests.support.made_requests import AGATA, ROSARIO, submission, submit
from tests.support.web_service import Browser, StandInRasa

MORE = "Adesso il calendario mostra un altro errore, il numero 42."


@pytest.fixture
async def number(chatting: Browser, directory: Directory) -> str:
    """Agata's request, sent in the chat that she has open."""
    async with chatting.database.read() as reading:
        chat = (await reading.scalars(select(Conversation.id))).one()
    sent = submission(citizen=AGATA, conversation_id=chat)
    return (await submit(chatting.database, directory, sent)).number


def understood(**values: Any) -> list[dict[str, Any]]:
    draft = draft_as_json(Draft("technical", "asp_trapani", step="privacy", **values))
    return [{"text": "Ho capito così.", "custom": {"earlier": True, "draft": draft}}]


async def links_after(browser: Browser, rasa: StandInRasa, text: str, id_: str) -> list[str]:
    """Say a text that becomes a draft's description; return where the answer leads."""
    rasa.replies = understood(description=id_)
    _, answer = await browser.say(text, id_)
    return [link["href"] for link in answer["messages"][0].get("links", ())]


FIRST, SECOND = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"


async def test_the_request_sent_before_is_offered(
    chatting: Browser, rasa: StandInRasa, number: str
) -> None:
    (href,) = await links_after(chatting, rasa, MORE, FIRST)
    assert href.startswith(f"/richieste/{number}?dalla-chat")
    async with chatting.get(href) as response:
        assert (response.status, MORE in await response.text()) == (200, True)


@pytest.mark.parametrize(
    "another", [{"person_key": ROSARIO.person_key}, {"category": ACCESS}], ids=["person", "access"]
)
async def test_what_cannot_be_added_to_is_not_offered(
    chatting: Browser, rasa: StandInRasa, number: str, another: dict[str, str]
) -> None:
    async with chatting.database.write() as writing:
        await writing.execute(update(Request).values(**another))
    assert await links_after(chatting, rasa, MORE, FIRST) == []
