"""/chat/page and the form: what the page knows goes along as the citizen saw it, or not at all."""

import html
import json
import logging

import pytest
from sqlalchemy import select

from intercup.db.tables import Conversation, Request
from intercup.domain.directory import Directory
from intercup.texts import TEXTS
from tests.support.made_requests import AGATA, count, deliveries, submit_chat
from tests.support.mails import body_in
from tests.support.web_service import FIELDS, Browser, StandInRasa

PATH = "/chat/page"
FACTS = "Pagina: https://intercup.example.it/prenota\nBrowser: Chrome 131"
SUMMARY = [{"text": "Controlli.", "custom": {"input": "summary"}}]
RECEIPT = [{"text": "Registrata.", "custom": {"show": "receipt", "ended": True}}]


@pytest.fixture
async def mark(chatting: Browser, sender: str, rasa: StandInRasa) -> str:
    """The mark of the draft whose summary the chat shows."""
    rasa.replies = SUMMARY
    _, body = await chatting.say("aspetti")
    mark: str = body["messages"][-1]["input"]["files"]["draft"]
    return mark


async def tell(browser: Browser, mark: str, facts: str = FACTS) -> int:
    async with browser.post(PATH, data={"draft": mark, "page_facts": facts}) as response:
        return response.status


async def test_the_facts_reach_the_office_and_neither_rasa_nor_a_log(
    chatting: Browser,
    mark: str,
    rasa: StandInRasa,
    directory: Directory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    assert (await tell(chatting, mark), await tell(chatting, mark)) == (200, 200)
    await chatting.say("aspetti ancora")  # The turn goes on with the same draft.
    row = await submit_chat(chatting.database, directory)
    office, _ = await deliveries(chatting.database)
    assert row.page_facts == FACTS
    label = TEXTS("request.page_facts")
    quoted = "\n> ".join([f"{label}\n{'-' * len(label)}", *FACTS.splitlines()])
    assert quoted in body_in(office.raw)
    rasa.replies = RECEIPT
    await chatting.say("invia")
    async with chatting.get(f"/richieste/{row.number}") as response:
        assert FACTS.splitlines()[0] in html.unescape(await response.text())
    assert "Chrome 131" not in json.dumps(rasa.got)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("intercup")]
    assert ours
    assert [line for line in ours if "Chrome 131" in line] == []


async def test_nothing_goes_along_that_was_left_out(
    chatting: Browser, mark: str, directory: Directory
) -> None:
    assert (await tell(chatting, mark), await tell(chatting, mark, "")) == (200, 200)
    assert (await submit_chat(chatting.database, directory)).page_facts == ""


async def test_facts_for_a_summary_that_is_gone_are_refused(
    chatting: Browser, mark: str, rasa: StandInRasa
) -> None:
    assert await tell(chatting, "another") == 409
    rasa.replies = RECEIPT
    await chatting.say("invia")
    assert await tell(chatting, mark) == 409
    async with chatting.database.read() as reading:
        (draft,) = (await reading.scalars(select(Conversation.draft))).all()
    assert "page_facts" not in draft


async def test_the_summary_names_the_structure_that_the_page_named(
    chatting: Browser, sender: str, rasa: StandInRasa
) -> None:
    rasa.replies = SUMMARY
    for structure, name in (("ao_papardo", "A.O. Papardo di Messina"), ("other", "")):
        await chatting.open_chat(f"booking&structure={structure}")
        _, body = await chatting.say(f"aspetti {structure}")
        assert body["messages"][-1]["input"]["files"]["structure"] == name


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
