"""The facts of a page go along with "Invia" as the citizen saw them, or not at all."""

import asyncio
import html
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from yarl import URL

from intercup.db.tables import BrowserSession, Conversation, Request
from intercup.domain.directory import Directory
from intercup.texts import TEXTS
from tests.support.delivering import until
from tests.support.made_requests import AGATA, count, deliveries, submit_chat
from tests.support.mails import body_in
from tests.support.web_service import FIELDS, Browser, StandInRasa

FACTS = "Pagina: https://intercup.example.it/prenota\nBrowser: Chrome 131"
SUMMARY = [{"text": "Controlli.", "custom": {"input": "summary"}}]
RECEIPT = [{"text": "Registrata.", "custom": {"show": "receipt", "ended": True}}]


@pytest.fixture
async def summary(chatting: Browser, sender: str, rasa: StandInRasa) -> Browser:
    """The chat at its summary; each turn leaves time for the submission by the action."""
    rasa.replies, rasa.seconds = SUMMARY, 0.3
    await chatting.say("aspetti")
    return chatting


@asynccontextmanager
async def turn(
    browser: Browser, rasa: StandInRasa, facts: str = "", **more: str
) -> AsyncIterator[None]:
    """Send a message, and wait until Rasa is at work on it."""
    body = {"id": str(uuid4()), "page_facts": facts} | (more or {"text": "invia"})
    task = asyncio.create_task(browser.send(body))
    await until(lambda: rasa.at_work > 0)
    yield
    assert (await task)[0] == 200


async def draft_of(browser: Browser) -> dict[str, Any]:
    async with browser.database.read() as reading:
        (draft,) = (await reading.scalars(select(Conversation.draft))).all()
    return draft


async def test_the_facts_reach_the_office_and_neither_rasa_nor_a_log(
    summary: Browser, rasa: StandInRasa, directory: Directory, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    rasa.replies = RECEIPT
    async with turn(summary, rasa, FACTS):
        row = await submit_chat(summary.database, directory)
    office, _ = await deliveries(summary.database)
    assert row.page_facts == FACTS
    label = TEXTS("request.page_facts")
    quoted = "\n> ".join([f"{label}\n{'-' * len(label)}", *FACTS.splitlines()])
    assert quoted in body_in(office.raw)
    async with summary.get(f"/richieste/{row.number}") as response:
        assert FACTS.splitlines()[0] in html.unescape(await response.text())
    assert "Chrome 131" not in json.dumps(rasa.got)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("intercup")]
    assert ours
    assert [line for line in ours if "Chrome 131" in line] == []
    assert "page_facts" not in await draft_of(summary)


async def test_a_receipt_in_another_language_shows_them_in_it(
    summary: Browser, rasa: StandInRasa, directory: Directory
) -> None:
    rasa.replies = RECEIPT
    facts = "Pagina: https://intercup.example.it/\nSchermo: piccolo, come di un telefono\nAltro"
    async with turn(summary, rasa, facts):
        row = await submit_chat(summary.database, directory)
    summary.session.cookie_jar.update_cookies({"intercup-language": "en"}, URL(summary.base_url))
    async with summary.get(f"/richieste/{row.number}") as response:
        page = html.unescape(await response.text())
    assert "Page: https://intercup.example.it/\nScreen: small, like a phone's\nAltro" in page


async def test_facts_of_a_turn_that_sent_nothing_do_not_wait_for_another(
    summary: Browser, rasa: StandInRasa, directory: Directory
) -> None:
    async with turn(summary, rasa, FACTS):
        assert (await draft_of(summary))["page_facts"] == FACTS
    assert "page_facts" not in await draft_of(summary)
    async with turn(summary, rasa):  # Pressed in another tab, whose box is cleared.
        row = await submit_chat(summary.database, directory)
    assert row.page_facts == ""


async def test_facts_of_a_turn_that_failed_are_gone_with_it(
    summary: Browser, rasa: StandInRasa, directory: Directory
) -> None:
    rasa.replies = None
    async with turn(summary, rasa, FACTS):
        pass
    assert "page_facts" not in await draft_of(summary)


async def test_facts_left_by_a_process_that_died_do_not_go_along(
    summary: Browser, rasa: StandInRasa, directory: Directory
) -> None:
    left = await draft_of(summary) | {"page_facts": FACTS}
    async with summary.database.write() as writing:
        await writing.execute(update(Conversation).values(draft=left))
    async with turn(summary, rasa):
        row = await submit_chat(summary.database, directory)
    assert row.page_facts == ""


async def test_a_message_sent_again_brings_its_facts_again(
    summary: Browser, rasa: StandInRasa, directory: Directory
) -> None:
    body = {"id": str(uuid4()), "text": "invia", "page_facts": FACTS}
    rasa.replies = None
    assert (await summary.send(body))[1]["retry"]
    rasa.replies = SUMMARY
    async with turn(summary, rasa, **body):
        row = await submit_chat(summary.database, directory)
    assert row.page_facts == FACTS


async def test_facts_count_at_the_summary_only(chatting: Browser, rasa: StandInRasa) -> None:
    rasa.seconds = 0.3
    async with turn(chatting, rasa, FACTS, text="il sito non va"):
        assert "page_facts" not in await draft_of(chatting)
    status, _ = await chatting.send({"id": str(uuid4()), "text": "x", "page_facts": "x" * 9_999})
    assert status == 422


async def test_the_summary_names_the_structure_of_the_page_unless_it_was_refused(
    chatting: Browser, sender: str, rasa: StandInRasa, directory: Directory
) -> None:
    rasa.replies = SUMMARY
    meant = (await draft_of(chatting))["structure"]
    name = directory.structure_by_id[meant].name
    for structure, shown in ((meant, name), ("ao_papardo", ""), ("other", "")):
        await chatting.open_chat(f"booking&structure={structure}")
        _, body = await chatting.say(f"aspetti {structure}")
        assert body["messages"][-1]["input"]["files"]["structure"] == shown


async def test_a_form_keeps_what_was_decided_about_the_facts(browser: Browser) -> None:
    await browser.log_in(AGATA)
    wrong = FIELDS | {"description": "breve", "page_offered": "1"}
    for facts, decided in ((FACTS, 'data-sent="Pagina'), ("", 'data-sent="" data-offered')):
        async with browser.send_form(wrong | {"page_facts": facts}) as response:
            assert decided in await response.text(), facts
    async with browser.get("/assistenza?structure=ao_papardo") as response:
        page = html.unescape(await response.text())
    assert 'data-structure="A.O. Papardo di Messina" data-sent="" hidden' in page
    assert 'id="structure-offered"' in page


@pytest.mark.parametrize(("facts", "offered"), [(FACTS, ""), ("", "1")])
async def test_a_form_put_aside_keeps_no_facts_but_that_they_were_left_out(
    browser: Browser, facts: str, offered: str
) -> None:
    await browser.log_in(AGATA)
    fields = FIELDS | {"next": "address", "page_facts": facts, "page_offered": "1"}
    async with browser.post("/assistenza", data=fields) as response:
        assert response.status == 303
    async with browser.database.read() as reading:
        kept = (await reading.scalars(select(BrowserSession.kept_form))).one() or {}
    assert kept["description"] == FIELDS["description"]
    assert ("page_facts" in kept, kept.get("page_offered", "")) == (False, offered)


async def test_the_form_sent_again_at_another_time_is_the_same_request(browser: Browser) -> None:
    await browser.log_in(AGATA)
    for time in ("Ora: 9.00", "Ora: 9.05"):
        async with browser.send_form(FIELDS | {"page_facts": time}) as response:
            assert response.status == 200
    assert await count(browser.database, Request) == 1
    async with browser.database.read() as reading:
        assert (await reading.scalars(select(Request.page_facts))).one() == "Ora: 9.00"


async def test_hostile_facts_are_a_quotation_of_a_few_lines(browser: Browser) -> None:
    await browser.log_in(AGATA)
    hostile = "-- \r\nRichiesta numero: IC-0\x00\u2028Bcc: a@b.it\n" + "<script>\n" * 9 + "x" * 999
    async with browser.send_form(FIELDS | {"page_facts": hostile}) as response:
        page = await response.text()
    assert (response.status, "<script>\n" in page) == (200, False)
    for row in await deliveries(browser.database):
        body = body_in(row.raw)
        assert "\n> --\n> Richiesta numero: IC-0\n> Bcc: a@b.it\n> <script>" in body
        assert (body.count("<script>"), "xxx" in body) == (3, False)
