"""A citizen adds to a request: it reaches the office that has it now, in the same thread."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from intercup.db.engine import Database
from intercup.db.tables import Addition
from intercup.domain.directory import Directory
from intercup.services.chat.conversations import history
from intercup.services.limits import ADDITION_LIMITS
from intercup.services.requests.forward_links import revoke_links
from intercup.services.requests.lookup import requests_of
from intercup.web.chat import as_json
from tests.support.forwarding import RTI, TRAPANI, Offices, body_of
from tests.support.made_requests import AGATA, ROSARIO, count, make_conversation
from tests.support.web_service import Service, StandInRasa, running_service

SENT = "Consegnata alla posta dell"
MORE = "Da stamattina esce anche\r\nun errore 500."


@pytest.fixture
async def service(
    database: Database, directory: Directory, tmp_path: Path, rasa: StandInRasa
) -> AsyncIterator[Service]:
    async with running_service(database, directory, tmp_path, rasa.url) as service:
        yield service


@pytest.fixture
async def offices(offices: Offices) -> Offices:
    await offices.browser.log_in(AGATA)
    return offices


async def add(offices: Offices, number: str, **fields: str) -> tuple[int, str]:
    """Send the page's form; return the last answer's status and text."""
    values = {"kind": "more", "addition": MORE, "form_key": "una"} | fields
    path = f"/richieste/{number}"
    async with offices.browser.post(path, data=values, allow_redirects=True) as response:
        status, page = response.status, await response.text()
    await offices.deliver()
    return status, page


async def test_an_addition_goes_to_the_office_that_has_the_request_now(offices: Offices) -> None:
    number = (await offices.receive()).number
    await offices.forward(offices.link_of(RTI), "technical", "asp_trapani")
    status, page = await add(offices, number)
    assert (status, "Registrato." in page, page.count(SENT)) == (200, True, 1)
    forwarded, mail = offices.mails_to(TRAPANI)
    assert mail.message["In-Reply-To"] == forwarded.message["Message-ID"]
    assert "\n> Da stamattina esce anche\n> un errore 500.\n" in body_of(mail)
    copy = offices.mails_to(AGATA.email)[-1]
    assert (copy.message["Message-ID"], "/inoltra/" in body_of(copy)) == (
        mail.message["Message-ID"],
        False,
    )
    assert len(offices.mails_to(RTI)) == 1
    # The link of the newest mail works like the first one's.
    await offices.mark(offices.link_of(TRAPANI), "taken")
    async with offices.browser.get(f"/richieste/{number}") as response:
        page = await response.text()
    assert (page.count(SENT), "Presa in carico dall" in page) == (1, True)


async def test_a_forward_takes_the_additions_along(offices: Offices) -> None:
    number = (await offices.receive()).number
    await add(offices, number)
    await offices.forward(offices.link_of(RTI), "technical", "asp_trapani")
    (mail,) = offices.mails_to(TRAPANI)
    assert re.search(r"^> Aggiunta del \d\d/\d\d/\d{4}\n> -+\n> > Da stam", body_of(mail), re.M)
    (entry,) = await requests_of(offices.database, AGATA.person_key)
    assert (entry.state, entry.additions[0].state) == ("sent", "sent")


async def test_its_state_is_its_own(offices: Offices) -> None:
    chat = await make_conversation(offices.database)
    number = (await offices.receive(conversation_id=chat)).number
    offices.catcher.at_rcpt = {RTI: ["550 no"]}
    await add(offices, number)
    (entry,) = await requests_of(offices.database, AGATA.person_key)
    assert (entry.state, entry.additions[0].state) == ("sent", "held")
    told = [as_json(line) for line in await history(offices.database, chat)][-1]
    assert ("per ora non lo accetta" in told["text"], "about" in told) == (True, False)
    offices.catcher.at_rcpt = {}
    await add(offices, number, kind="withdrawn")
    told = [as_json(line) for line in await history(offices.database, chat)][-1]
    assert ("Il suo messaggio" in told["text"], "aggiunto" in told["text"]) == (True, False)


@pytest.mark.both_databases
async def test_a_revoked_link_comes_back_with_no_addition(offices: Offices) -> None:
    number = (await offices.receive()).number
    link = offices.link_of(RTI)
    async with offices.database.write() as session:
        await revoke_links(session, number, datetime.now(UTC))
    assert (await add(offices, number))[0] == 200
    _, mail = offices.mails_to(RTI)
    assert ("/inoltra/" in body_of(mail), 'usi "Rispondi": la risposta' in body_of(mail)) == (
        False,
        True,
    )
    assert mail.message["Reply-To"] == AGATA.email
    async with offices.browser.get(link) as response:
        assert response.status == 410


@pytest.mark.both_databases
async def test_a_request_takes_so_many_texts_a_day_and_loses_none(offices: Offices) -> None:
    number = (await offices.receive()).number
    most = ADDITION_LIMITS["request"][0].count
    for name in range(most):
        assert (await add(offices, number, form_key=str(name)))[0] == 200
    status, page = await add(offices, number, form_key="altra")
    assert (status, MORE in page, "aggiunto molto" in page) == (429, True, True)
    assert await count(offices.database, Addition) == most
    status, page = await add(offices, number, kind="withdrawn", form_key="ultima")
    assert (status, "Non serve più, dal " in page) == (200, True)


@pytest.mark.both_databases
async def test_the_same_form_many_times_at_once_adds_once(offices: Offices) -> None:
    number = (await offices.receive()).number
    answers = await asyncio.gather(*(add(offices, number) for _ in range(5)))
    assert {status for status, _ in answers} == {200}
    assert await count(offices.database, Addition) == 1
    assert len(offices.mails_to(RTI)) == 2
    await add(offices, number, addition="Un altro testo, nella stessa pagina.")
    assert len(offices.mails_to(RTI)) == 3


async def test_the_office_is_told_once_that_it_is_not_needed(offices: Offices) -> None:
    number = (await offices.receive()).number
    status, page = await add(offices, number, kind="withdrawn")
    assert (status, "Non serve più, dal " in page, "<textarea" in page) == (200, True, False)
    status, page = await add(offices, number, kind="withdrawn", form_key="altra")
    assert (status, "Ha già comunicato" in page, "<textarea" in page) == (422, True, False)
    status, page = await add(offices, number)
    assert (status, MORE in page, "<textarea" in page) == (422, True, False)
    _, mail = offices.mails_to(RTI)
    assert body_of(mail).startswith("Il cittadino fa sapere che la richiesta non serve più.\n")
    async with offices.browser.get("/richieste") as response:
        page = await response.text()
    assert ("Non serve più, dal " in page, "#aggiungi" in page) == (True, False)


async def test_a_text_has_the_checks_of_a_description(offices: Offices, rasa: StandInRasa) -> None:
    number = (await offices.receive()).number
    for wrong, words in (("breve", "almeno 10"), ("x" * 2_001, "supera i 2.000")):
        status, page = await add(offices, number, addition=wrong)
        assert (status, words in page, wrong in page) == (422, True, True)
    assert (await add(offices, number, kind="altro"))[0] == 422
    rasa.reading = [{"name": "medical_emergency", "confidence": 1.0}]
    status, page = await add(offices, number)
    assert (status, "112" in page) == (422, True)
    assert await count(offices.database, Addition) == 0
    found = re.search(r'name="checked" value="(\w+)"', page)
    assert found
    assert (await add(offices, number, checked=found[1]))[0] == 200


async def test_nobody_adds_to_anothers_request(offices: Offices) -> None:
    number = (await offices.receive(citizen=ROSARIO)).number
    for wrong in (number, "IC-AAAA-AAAA-AAAA"):
        assert (await add(offices, wrong))[0] == 404
    assert await count(offices.database, Addition) == 0
