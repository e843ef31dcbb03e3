"""Words typed in the chat after a sent request, added to that one instead of becoming another."""

import time
from typing import Any

import pytest
from lxml import html
from sqlalchemy import select, update

from intercup.db.engine import Database
from intercup.db.tables import Addition, Attachment, BrowserSession, Conversation, Request
from intercup.domain.attachment import CleanFile
from intercup.domain.dialogue import ACCESS, Draft, draft_as_json, draft_from_json
from intercup.domain.directory import Directory
from intercup.services.attachments.store import FileDraft, keep_file
from intercup.texts import TEXTS
from tests.support.kept_files import SEAL
from tests.support.made_requests import AGATA, ROSARIO, count, submission, submit
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
    "another",
    [
        {"person_key": ROSARIO.person_key},
        {"category": ACCESS},
        {"category": "information"},
        {"structure": "ao_papardo"},
    ],
    ids=["person", "access", "category", "structure"],
)
async def test_a_request_of_anothers_or_about_something_else_is_not_offered(
    chatting: Browser, rasa: StandInRasa, number: str, another: dict[str, str]
) -> None:
    async with chatting.database.write() as writing:
        await writing.execute(update(Request).values(**another))
    assert await links_after(chatting, rasa, MORE, FIRST) == []


async def test_a_request_about_no_structure_may_be_meant(
    chatting: Browser, rasa: StandInRasa, number: str
) -> None:
    async with chatting.database.write() as writing:
        await writing.execute(update(Request).values(structure=None))
    assert len(await links_after(chatting, rasa, MORE, FIRST)) == 1


async def page_of(browser: Browser, path: str) -> dict[str, str]:
    """Return the fields of the form that adds."""
    async with browser.get(path) as response:
        return fields_of(await response.text())


def fields_of(page: str) -> dict[str, str]:
    (form, *_) = html.document_fromstring(page).xpath("//section[@id='aggiungi']//form")
    return {name: value.strip() for name, value in form.form_values()}


async def add(browser: Browser, number: str, fields: dict[str, str]) -> tuple[int, int]:
    """Send the form; return the status and the number of additions."""
    async with browser.post(f"/richieste/{number}", data=fields) as response:
        return response.status, await count(browser.database, Addition)


@pytest.mark.both_databases
@pytest.mark.parametrize("typed", ["", " Succede da ieri."], ids=["as said", "with more"])
async def test_a_text_that_was_added_cannot_be_sent_again_from_the_chat(
    chatting: Browser, rasa: StandInRasa, number: str, typed: str
) -> None:
    (href,) = await links_after(chatting, rasa, MORE, FIRST)
    before = await row_of(chatting)
    await let_a_file_wait(chatting.database, before.draft["key"])
    fields = await page_of(chatting, href)
    fields["addition"] += typed
    assert await add(chatting, number, fields) == (303, 1)
    after = await row_of(chatting)
    assert draft_from_json(after.draft) == Draft()
    assert after.draft["key"] != before.draft["key"]
    assert after.sender_id != before.sender_id, "Rasa begins anew"
    assert await count(chatting.database, Attachment) == 0, "no later request takes its files"
    messages = (await chatting.open_chat("portal"))["messages"]
    assert messages[-1]["text"] == TEXTS("chat.added_without_files", number=number)
    assert MORE in [message["text"] for message in messages], "what was said stays"
    assert (await page_of(chatting, href))["addition"] == "", "the old page offers nothing again"
    # The form that comes again, as by the browser's way back, does nothing twice.
    assert await add(chatting, number, fields) == (303, 1)
    assert (await chatting.open_chat("portal"))["messages"] == messages


async def test_the_old_summarys_buttons_are_refused_once_its_text_was_added(
    chatting: Browser, rasa: StandInRasa, number: str
) -> None:
    rasa.replies = understood(description=FIRST)
    rasa.replies[0]["buttons"] = [{"title": "Invia", "payload": "/affirm"}]
    await chatting.say(MORE, FIRST)
    (href,) = (await chatting.open_chat("portal"))["messages"][-1]["links"]
    assert await add(chatting, number, await page_of(chatting, href["href"])) == (303, 1)
    status, answer = await chatting.press("/affirm")
    assert (status, answer["error"]) == (409, "stale_choice")
    menu = (await chatting.open_chat("portal"))["messages"][-1]["buttons"]
    assert (await chatting.press(menu[0]["payload"]))[0] == 200


async def test_an_old_link_never_shows_another_drafts_text(
    chatting: Browser, rasa: StandInRasa, number: str
) -> None:
    (href,) = await links_after(chatting, rasa, MORE, FIRST)
    rasa.replies = [{"text": "Annullata.", "custom": {"ended": True, "cancelled": True}}]
    await chatting.say("annulla")
    (newer,) = await links_after(chatting, rasa, "Tutt'altra cosa, per un'altra persona.", SECOND)
    old, new = await page_of(chatting, href), await page_of(chatting, newer)
    assert (old["addition"], old["draft"]) == ("", "")
    assert new["addition"] == "Tutt'altra cosa, per un'altra persona."


async def test_another_addition_leaves_the_chats_draft_open(
    chatting: Browser, rasa: StandInRasa, number: str
) -> None:
    await links_after(chatting, rasa, MORE, FIRST)
    before = await row_of(chatting)
    fields = await page_of(chatting, f"/richieste/{number}")
    assert await add(chatting, number, fields | {"addition": MORE}) == (303, 1)
    assert (await row_of(chatting)).draft == before.draft
    messages = (await chatting.open_chat("portal"))["messages"]
    assert messages[-1]["text"] == "Ho capito così."


async def test_a_refused_addition_leaves_the_draft_and_keeps_what_was_typed(
    chatting: Browser, rasa: StandInRasa, number: str
) -> None:
    (href,) = await links_after(chatting, rasa, MORE, FIRST)
    before = await row_of(chatting)
    fields = await page_of(chatting, href)
    short = fields | {"addition": "corto"}
    async with chatting.post(f"/richieste/{number}", data=short) as response:
        again = fields_of(await response.text())
    assert response.status == 422
    assert (again["addition"], again["draft"]) == ("corto", fields["draft"])
    assert (await row_of(chatting)).draft == before.draft


async def let_a_file_wait(database: Database, key: str) -> None:
    """Keep a file with the draft of Agata's chat."""
    async with database.read() as reading:
        session_hash = (await reading.scalars(select(BrowserSession.id_hash))).one()
    file = CleanFile("foglio.pdf", "pdf", b"%PDF-")
    draft = FileDraft(session_hash, AGATA.person_key, key)
    await keep_file(database, SEAL, draft, file, time.time())
    assert await count(database, Attachment) == 1


async def row_of(browser: Browser) -> Conversation:
    async with browser.database.read() as reading:
        return (await reading.scalars(select(Conversation))).one()
