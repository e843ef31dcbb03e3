"""/presidio/consegne and a request's page: what waits and why, and the ways to move it on."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from lxml import html
from sqlalchemy import select, update
from yarl import URL

from intercup.db.engine import Database
from intercup.db.tables import ForwardLink, OfficeMark, PecReceipt, Request
from intercup.domain.delivery import NOT_ARRIVED
from intercup.domain.directory import Directory
from intercup.domain.forwarding import LINK_LIFE
from intercup.domain.pec import ReceiptKind
from intercup.domain.staff import Role
from intercup.services.delivery.desk_list import Relay, Row, reason_of
from intercup.texts import TEXTS
from tests.support.desk import at_desk, logged
from tests.support.made_requests import (
    AGATA,
    TEXT,
    add_text,
    deliveries,
    set_deliveries,
    states,
    submit,
)
from tests.support.web_service import Browser, Service, running_service

NAME = f"{AGATA.name} {AGATA.surname}"


@pytest.fixture
async def number(database: Database, directory: Directory) -> str:
    """A request whose office has refused its mail."""
    made = await submit(database, directory)
    refused = {"state": "held", "last_error": "SMTPRecipientRefused 550", "attempts": 1}
    await set_deliveries(database, "office", **refused)
    return made.number


@pytest.fixture
async def desk(service: Service) -> AsyncIterator[Browser]:
    async with at_desk(service, Role.DELIVERIES) as browser:
        yield browser


async def page_of(browser: Browser, path: str, status: int = 200) -> str:
    async with browser.get(path) as response:
        assert response.status == status
        text = await response.text()
    for secret in (NAME, AGATA.email, TEXT, AGATA.person_key):
        assert secret not in text
    return " ".join(html.document_fromstring(text).text_content().split())


async def press(browser: Browser, path: str, **data: str) -> str:
    """Post a form and return the sentence of the page it leads to."""
    async with browser.post(path, data=data) as response:
        assert response.status == 303
        target = response.headers["Location"]
    page = await page_of(browser, target)
    return next(text for text in TEXTS.section("desk_done").values() if text in page)


async def test_what_waits_is_listed_with_its_reason_by_office_and_state(
    desk: Browser, number: str
) -> None:
    page = await page_of(desk, "/presidio/consegne")
    assert number in page
    assert TEXTS("delivery_reason.refused") in page
    assert TEXTS("delivery_reason.new") in page
    office = "ASP Trapani - Assistenza tecnica"
    held = await page_of(desk, f"/presidio/consegne?office={office}&state=held")
    assert (TEXTS("delivery_reason.refused") in held, "copia al cittadino" in held) == (True, False)
    other = await page_of(desk, "/presidio/consegne?office=ASP Catania")
    assert "Nessuna e-mail aspetta con questi filtri" in other


async def test_a_held_mail_is_queued_again_and_a_moved_mailbox_gets_it(
    desk: Browser, number: str, database: Database
) -> None:
    office = next(row for row in await deliveries(database) if row.role == "office")
    path = f"/presidio/consegne/{office.id}"
    chosen = {"office": "ASP Trapani - Assistenza tecnica", "state": "held"}
    async with desk.get("/presidio/consegne", params=chosen) as response:
        forms = {
            form.action: form for form in html.document_fromstring(await response.text()).forms
        }
    filled = dict(forms[f"{path}/casella"].form_values())
    async with desk.post(f"{path}/casella", data=filled) as response:
        back = response.headers["Location"]
    assert URL(back).query == chosen | {"done": "same_office"}
    assert TEXTS("desk_done.same_office") in await page_of(desk, back)
    await set_deliveries(database, "office", recipient="vecchia@asptrapani.it")
    done = TEXTS.section("desk_done")
    assert await press(desk, f"{path}/casella", number=number) == done["mail_readdressed"]
    assert (await states(database))["cup@asptrapani.it"] == "queued"
    assert await press(desk, f"{path}/riprova") == done["not_held"]  # it was replaced
    await set_deliveries(database, "copy", state="failed")
    copy = next(row for row in await deliveries(database) if row.role == "copy")
    assert await press(desk, f"/presidio/consegne/{copy.id}/riprova") == done["mail_retried"]
    changes = [what for _, what, *_ in await logged(database) if what != "request_seen"]
    assert changes == ["mail_readdressed", "mail_retried"], "only what happened"


async def test_who_queues_a_mail_for_a_left_mailbox_is_told_before_and_after(
    desk: Browser, number: str, database: Database
) -> None:
    told = "Rimetti in coda, per la casella di prima"
    for path in ("/presidio/consegne", f"/presidio/richieste/{number}"):
        assert told not in await page_of(desk, path)
    await set_deliveries(database, "office", recipient="vecchia@asptrapani.it")
    for path in ("/presidio/consegne", f"/presidio/richieste/{number}"):
        assert told in await page_of(desk, path)
    office = next(row for row in await deliveries(database) if row.role == "office")
    said = TEXTS("desk_done.mail_retried_as_before")
    assert await press(desk, f"/presidio/consegne/{office.id}/riprova") == said


@pytest.mark.parametrize("revoked_at", [None, 1.0])
async def test_a_link_that_ended_while_its_mail_was_held_begins_anew(
    desk: Browser, number: str, database: Database, revoked_at: float | None
) -> None:
    office = next(row for row in await deliveries(database) if row.role == "office")
    long_ago = LINK_LIFE.total_seconds() + 86_400
    async with database.write() as session:
        old = {"expires_at": ForwardLink.expires_at - long_ago, "revoked_at": revoked_at}
        await session.execute(update(ForwardLink).values(**old))
    await press(desk, f"/presidio/consegne/{office.id}/riprova")
    async with database.read() as session:
        (ends,) = await session.scalars(select(ForwardLink.expires_at))
    assert (ends > time.time() + LINK_LIFE.total_seconds() - 60) is (revoked_at is None)


async def test_a_held_mail_with_files_is_queued_again_without_them(
    desk: Browser, number: str, database: Database
) -> None:
    office = next(row for row in await deliveries(database) if row.role == "office")
    offered = "Rimetti in coda senza allegati"
    assert offered not in await page_of(desk, f"/presidio/richieste/{number}")
    await set_deliveries(database, "office", attached=True)
    async with desk.get(f"/presidio/richieste/{number}") as response:
        page = html.document_fromstring(await response.text())
    form = next(form for form in page.forms if offered in form.text_content())
    fields = dict(form.form_values())
    for revoked_at, outcome in ((1.0, "no_files_page"), (None, "mail_retried")):
        async with database.write() as session:
            await session.execute(update(ForwardLink).values(revoked_at=revoked_at))
        assert await press(desk, form.action, **fields) == TEXTS(f"desk_done.{outcome}")
    (office,) = [row for row in await deliveries(database) if row.id == office.id]
    assert (office.state, office.attached) == ("queued", False)
    assert await press(desk, form.action, **fields) == TEXTS("desk_done.not_held")
    changes = [what for _, what, *_ in await logged(database) if what != "request_seen"]
    assert changes == ["mail_retried_without_files"]


async def test_a_request_shows_its_journey_and_goes_to_another_office(
    desk: Browser, number: str, database: Database, directory: Directory
) -> None:
    await add_text(database, directory, number)
    path = f"/presidio/richieste/{number}"
    assert "Protocollo" not in await page_of(desk, path)
    async with database.write() as session:
        row = await session.get_one(Request, number)
        row.protocol_number, row.protocol_day = "0012345", "2026-11-30"
        own = next(each for each in await deliveries(database) if each.role == "office")
        for kind in ReceiptKind:
            session.add(PecReceipt(delivery_id=own.id, identifier=kind, kind=kind, issued_at=0.0))
        kind = ReceiptKind.NOT_ACCEPTED
        of = {"delivery_id": own.id, "kind": kind, "issued_at": 0.0}
        session.add(PecReceipt(identifier="?", doubtful=True, **of))
    page = await page_of(desk, path)
    for kind in ReceiptKind:
        assert f"{TEXTS.section('pec')[kind]}: ASP Trapani" in page
    doubtful = TEXTS.section("pec")[ReceiptKind.NOT_ACCEPTED] + TEXTS("pec.doubtful")
    assert f"{doubtful}: ASP Trapani" in page
    assert "Protocollo 0012345 del 30/11/2026" in page
    assert "Registrata: ASP Trapani - Assistenza tecnica" in page
    assert "Ferma: ASP Trapani - Assistenza tecnica" in page
    assert "Aggiunta: In coda per l'ufficio: ASP Trapani - Assistenza tecnica" in page
    assert TEXTS("delivery_role.addition_office") in page
    before = await logged(database)
    async with desk.post(f"{path}/inoltra", data={"office": "", "note": "x"}) as response:
        assert response.status == 422
        assert TEXTS("forward_problem.destination_missing") in await response.text()
    assert await logged(database) == [*before, ("Rosa", "request_seen", number, "")]
    await press(desk, f"{path}/inoltra", office="asp_catania/technical", note="Per competenza")
    page = await page_of(desk, path)
    assert "Sostituita da un nuovo invio" in page
    assert "Inoltrata: ASP Catania - Assistenza tecnica" in page
    async with database.write() as writing:
        mark = OfficeMark(request_number=number, hop=1, state="answered", marked_at=1.8e9)
        writing.add(mark)
    assert "Risposto: ASP Catania - Assistenza tecnica" in await page_of(desk, path)
    await press(desk, f"{path}/revoca")
    assert ("Rosa", "request_forwarded", number, "asp_catania/technical") in await logged(database)
    assert ("Rosa", "links_revoked", number, "") in await logged(database)
    unknown = "/presidio/richieste/IC-AAAA-BBBB-CCCC"
    await page_of(desk, unknown, 404)
    async with desk.post(f"{unknown}/revoca") as response:
        assert response.status == 404
    changes = [what for _, what, *_ in await logged(database) if what != "request_seen"]
    assert changes == ["request_forwarded", "links_revoked"]
    await page_of(desk, f"{path}?done=x", 404)


async def test_the_text_opens_only_if_switched_on_and_for_a_reason(
    desk: Browser, number: str, database: Database, directory: Directory, tmp_path: Path
) -> None:
    path = f"/presidio/richieste/{number}/testo"
    async with desk.post(path, data={"reason": "il cittadino ha telefonato"}) as response:
        assert response.status == 404
    more = {"desk_shows_texts": True}
    async with (
        running_service(database, directory, tmp_path, **more) as service,
        at_desk(service, Role.DELIVERIES) as browser,
    ):
        for reason, status in (("perché", 422), ("il cittadino ha telefonato", 200)):
            async with browser.post(path, data={"reason": reason}) as response:
                assert response.status == status
                assert (TEXT in await response.text()) == (status == 200)
        assert NAME not in await page_of(browser, f"/presidio/richieste/{number}")
    seen = ("Rosa", "request_seen", number, "")
    opened = ("Rosa", "text_opened", number, "il cittadino ha telefonato")
    assert await logged(database) == [seen, opened, seen]


def test_each_state_has_its_reason_in_words() -> None:
    works, fails = Relay(None, 0.0, ""), Relay(1.0, 2.0, "ConnectionRefusedError")
    found = {
        (state, error): reason_of(_row(state, error), relay)
        for state in NOT_ARRIVED
        for error, relay in (
            ("", works),
            ("SMTPRecipientRefused 451", works),
            ("SMTPRecipientRefused 550", works),
            ("bounce 5.1.1", works),
            ("readdressed", works),
            ("mailbox_changed", works),
            ("mailbox_changed_meanwhile", works),
            ("erased", fails),
        )
    }
    found["queued", "relay"] = reason_of(_row(NOT_ARRIVED[0], "x"), fails)
    assert set(found.values()) == set(TEXTS.section("delivery_reason"))


def _row(state: object, error: str) -> Row:
    return Row(1, "IC", "office", 0, 0, state, "x", 1, error, 0.0, 0.0, None, True, False)  # type: ignore[arg-type]
