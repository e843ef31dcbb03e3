"""Forwarding end to end: mail, link, page, mail to the next office. Source: brief §2.3."""

import asyncio

import pytest
from sqlalchemy import select, update

from intercup.db.tables import Forward, ForwardLink
from intercup.domain.request import Citizen
from intercup.services.chat.conversations import history
from intercup.services.requests.lookup import requests_of
from intercup.web.chat import as_json
from tests.support.commands import run_command
from tests.support.forwarding import FIRST_LINE, RTI, TRAPANI, Offices, all_rows, body_of
from tests.support.made_requests import (
    AGATA,
    BOTH,
    TEXT,
    count,
    deliveries,
    make_conversation,
)
from tests.support.web_service import Service

FIELDS = {
    "description": TEXT,
    **BOTH,
    "submission_key": "chiave",
}


async def send_form(offices: Offices, service: Service, **fields: str) -> None:
    async with (
        service.browser(AGATA) as citizen,
        citizen.send_form(FIELDS | fields) as response,
    ):
        assert response.status == 200
    await offices.deliver()


async def test_event_1_the_rti_forwards_to_asp_trapani(offices: Offices, service: Service) -> None:
    await send_form(offices, service, category="platform", structure="asp_trapani")
    (original,) = offices.mails_to(RTI)
    link = offices.link_of(RTI)
    status, page = await offices.forward(
        link, "technical", "asp_trapani", note="È un problema di prenotazione."
    )
    assert (status, "Richiesta inoltrata" in page) == (200, True)
    (mail,) = offices.mails_to(TRAPANI)
    message, body = mail.message, body_of(mail)
    assert body.startswith(f"{FIRST_LINE}\n")
    assert (message["To"], message["Cc"], message["Reply-To"]) == (
        TRAPANI,
        AGATA.email,
        AGATA.email,
    )
    number = original.message["Subject"].rpartition(" ")[2]
    about = "Inoltro - Assistenza InterCup - ASP Trapani"
    assert message["Subject"] == f"[InterCup] {about} - richiesta {number}"
    assert message["In-Reply-To"] == original.message["Message-ID"] == message["References"]
    assert "Inoltrata da: Presidio tecnico InterCup (RTI)\n" in body
    assert "\n> È un problema di prenotazione.\n" in body
    before_link = body_of(original).partition("\nPresa in carico")[0]
    for line in filter(None, before_link.splitlines()):
        assert f"\n> {line}\n" in body
    assert offices.link_of(TRAPANI) != link


async def test_event_2_asp_trapani_forwards_an_access_problem_to_the_rti(
    offices: Offices, service: Service
) -> None:
    await send_form(offices, service, category="technical", structure="asp_trapani")
    status, _ = await offices.forward(offices.link_of(TRAPANI), "platform")
    assert status == 200
    (mail,) = offices.mails_to(RTI)
    assert body_of(mail).startswith(f"{FIRST_LINE}\n")
    assert "Inoltrata da: ASP Trapani - Assistenza tecnica\n" in body_of(mail)
    assert (mail.message["To"], mail.message["Cc"]) == (RTI, AGATA.email)


async def test_the_citizen_gets_copies_without_links(offices: Offices) -> None:
    await offices.receive()
    await offices.forward(offices.link_of(RTI), "technical", "asp_trapani")
    first, second = offices.mails_to(AGATA.email)
    (to_trapani,) = offices.mails_to(TRAPANI)
    assert "/inoltra/" not in body_of(first) + body_of(second)
    assert second.message["Message-ID"] == to_trapani.message["Message-ID"]
    assert second.message["Reply-To"] == TRAPANI
    assert body_of(second).startswith(f"{FIRST_LINE}\n")


async def test_a_request_sent_before_login_can_be_forwarded(offices: Offices) -> None:
    visitor = Citizen("visitor", "", "", "rosa@example.it")
    await offices.receive("access", citizen=visitor, structure=None)
    status, _ = await offices.forward(
        offices.link_of("intercup@regione.sicilia.it"), "administrative", "asp_ragusa"
    )
    assert status == 200
    (mail,) = offices.mails_to("cupregionale@asp.rg.it")
    assert mail.message["Cc"] == "rosa@example.it"
    assert "> Cittadino: non identificato (scrive prima dell'accesso)\n" in body_of(mail)


@pytest.mark.both_databases
async def test_every_hop_is_recorded(offices: Offices) -> None:
    registered = await offices.receive()
    await offices.forward(offices.link_of(RTI), "technical", "asp_trapani", note=" nota\r\ndue ")
    await offices.forward(offices.link_of(TRAPANI), "administrative", "asp_ragusa")
    async with offices.database.read() as session:
        rows = (await session.scalars(select(Forward).order_by(Forward.hop))).all()
    assert [(r.request_number, r.from_office, r.to_office, r.note) for r in rows] == [
        (
            registered.number,
            "Presidio tecnico InterCup (RTI)",
            "ASP Trapani - Assistenza tecnica",
            "nota\ndue",
        ),
        (
            registered.number,
            "ASP Trapani - Assistenza tecnica",
            "ASP Ragusa - Assistenza amministrativa",
            "",
        ),
    ]
    assert all(row.created_at > registered.created_at.timestamp() for row in rows)
    (mail,) = offices.mails_to("cupregionale@asp.rg.it")
    assert "da: Presidio tecnico InterCup (RTI)\n" in body_of(mail)


async def test_the_citizen_sees_it_in_the_list_and_in_the_chat(
    offices: Offices, service: Service
) -> None:
    chat = await make_conversation(offices.database)
    await offices.receive(conversation_id=chat)
    await offices.forward(offices.link_of(RTI), "technical", "asp_trapani")
    async with service.browser(AGATA) as citizen, citizen.get("/richieste") as response:
        assert "Inoltrata a ASP Trapani - Assistenza tecnica il " in await response.text()
    lines = await history(offices.database, chat)
    said = as_json(lines[1])["text"]
    assert "Presidio tecnico InterCup (RTI)" in said
    assert "inoltrata a ASP Trapani - Assistenza tecnica il " in " ".join(said.split())
    events = [line.input for line in lines if line.input]
    assert [(event["type"], event["office"]) for event in events] == [
        ("delivery", "Presidio tecnico InterCup (RTI)"),
        ("forward", "ASP Trapani - Assistenza tecnica"),
        ("delivery", "ASP Trapani - Assistenza tecnica"),
    ]


async def test_the_state_is_that_of_the_office_that_has_it_now(offices: Offices) -> None:
    await offices.receive()
    offices.catcher.at_rcpt = {TRAPANI: ["550 no"]}
    await offices.forward(offices.link_of(RTI), "technical", "asp_trapani")
    (entry,) = await requests_of(offices.database, AGATA.person_key)
    assert (entry.state, len(entry.hops)) == ("held", 1)


@pytest.mark.both_databases
async def test_the_same_form_twice_forwards_once(offices: Offices) -> None:
    await offices.receive()
    link = offices.link_of(RTI)
    first = await offices.forward(link, "technical", "asp_trapani", note="una")
    again = await offices.forward(link, "technical", "asp_trapani", note="una")
    assert [status for status, _ in (first, again)] == [200, 200]
    assert "Richiesta inoltrata" in again[1]
    assert "ASP Trapani - Assistenza tecnica" in again[1]
    assert await count(offices.database, Forward) == 1
    assert len(offices.mails_to(TRAPANI)) == 1


@pytest.mark.both_databases
async def test_the_same_form_many_times_at_once_forwards_once(offices: Offices) -> None:
    await offices.receive()
    link = offices.link_of(RTI)
    await offices.look(link)
    fields = {"destination": "technical", "structure": "asp_trapani", "note": ""}
    fields["form_key"] = offices.keys[link]

    async def post() -> int:
        async with offices.browser.post(link, data=fields) as response:
            return int(response.status)

    assert set(await asyncio.gather(*(post() for _ in range(8)))) == {303}
    assert await count(offices.database, Forward) == 1
    assert len(await deliveries(offices.database)) == 4


async def test_another_address_of_the_office_sees_that_it_was_forwarded(offices: Offices) -> None:
    await offices.receive("technical", structure="ao_villa_sofia_cervello")
    one, two = "kdimiceli@villasofia.it", "zacchino@olomedia.it"
    await offices.forward(offices.link_of(one), "platform")
    status, page = await offices.look(offices.link_of(two))
    assert status == 200
    assert "già stata inoltrata a <strong>Presidio tecnico InterCup (RTI)</strong>" in page
    assert "<textarea" not in page
    status, page = await offices.forward(
        offices.link_of(two), "technical", "asp_trapani", form_key="another"
    )
    assert (status, "già stata inoltrata" in page) == (409, True)
    assert offices.mails_to(TRAPANI) == []


async def test_an_office_that_had_it_does_not_get_it_again(offices: Offices) -> None:
    await offices.receive()
    await offices.forward(offices.link_of(RTI), "technical", "asp_trapani")
    for destination, structure, field in (
        ("platform", "", "destination-technical"),
        ("technical", "asp_trapani", "structure"),
        ("administrative", "asp_trapani", "structure"),  # the same mailbox
    ):
        status, page = await offices.forward(offices.link_of(TRAPANI), destination, structure)
        assert status == 422
        assert f'href="#{field}"' in page
        assert "risponda al cittadino o scriva a InterCupassistenza@almaviva.it" in page
    assert await count(offices.database, Forward) == 1


async def test_after_five_hops_a_person_has_to_write(offices: Offices) -> None:
    await offices.receive()
    address = RTI
    for structure in ("asp_trapani", "asp_ragusa", "asp_siracusa", "asp_catania", "asp_agrigento"):
        status, _ = await offices.forward(offices.link_of(address), "technical", structure)
        assert status == 200
        (address,) = offices.directory.structure_by_id[structure].technical
    link = offices.link_of(address)
    status, page = await offices.look(link)
    assert (status, "<textarea" in page) == (200, False)
    assert "mailto:InterCupassistenza@almaviva.it" in page
    status, page = await offices.forward(link, "technical", "ao_papardo", form_key="x")
    assert (status, "non si può inoltrare ancora" in page) == (409, True)
    assert await count(offices.database, Forward) == 5


async def test_the_bytes_of_the_first_mail_may_be_gone(offices: Offices) -> None:
    await offices.receive()
    link = offices.link_of(RTI)
    async with offices.database.write() as session:
        for row in await deliveries(offices.database):
            (await session.merge(row)).raw = b""
    await offices.forward(link, "technical", "asp_trapani")
    (mail,) = offices.mails_to(TRAPANI)
    assert f"> {TEXT}\n" in body_of(mail)


async def test_the_database_holds_no_token(offices: Offices) -> None:
    await offices.receive()
    token = offices.link_of(RTI).rpartition("/")[2]
    async with offices.database.read() as session:
        (row,) = (await session.scalars(select(ForwardLink))).all()
    assert token not in repr(vars(row))
    assert len(token) == 32


@pytest.mark.both_databases
async def test_a_link_lives_90_days(offices: Offices) -> None:
    registered = await offices.receive()
    async with offices.database.read() as session:
        expires_at = await session.scalar(select(ForwardLink.expires_at))
    assert expires_at == pytest.approx(registered.created_at.timestamp() + 90 * 86_400)
    async with offices.database.write() as session:
        await session.execute(update(ForwardLink).values(expires_at=1.0))
    link = offices.link_of(RTI)
    status, page = await offices.look(link)
    assert (status, "scaduto" in page) == (410, True)
    status, _ = await offices.forward(link, "technical", "asp_trapani")
    assert (status, await count(offices.database, Forward)) == (410, 0)


async def test_opening_the_link_changes_nothing(offices: Offices) -> None:
    await offices.receive()
    link, before = offices.link_of(RTI), await all_rows(offices.database)
    for method in ("GET", "HEAD", "GET"):
        url = offices.browser.base_url + link
        async with offices.browser.session.request(method, url) as response:
            assert response.status == 200
    assert await all_rows(offices.database) == before


async def test_eleven_attempts_in_an_hour_are_too_many(offices: Offices) -> None:
    await offices.receive()
    link = offices.link_of(RTI)
    for _ in range(10):
        status, _ = await offices.forward(link, "technical")
        assert status == 422
    fields = {"destination": "technical", "structure": "asp_trapani"}
    async with offices.browser.post(link, data=fields) as response:
        assert response.status == 429
        assert 3500 < int(response.headers["Retry-After"]) <= 3600
    assert await count(offices.database, Forward) == 0


async def test_a_request_whose_links_are_revoked_stays_where_it_is(
    offices: Offices, service: Service, database_url: str
) -> None:
    registered = await offices.receive()
    other = await offices.receive("technical")
    link = offices.link_of(RTI)
    settings = {
        "INTERCUP_DATABASE_URL": database_url,
        "INTERCUP_DATA_DIR": str(service.settings.data_dir),
    }
    done = await command("revoke", registered.number.lower(), settings)
    assert done == (0, "collegamenti disattivati: 1\n")
    assert await command("revoke", "IC-0000-0000-0000", settings) == (1, "")
    status, page = await offices.look(link)
    assert (status, "disattivato" in page) == (410, True)
    status, _ = await offices.forward(link, "technical", "asp_trapani")
    assert (status, await count(offices.database, Forward)) == (410, 0)
    assert (await offices.look(offices.link_of(TRAPANI)))[0] == 200
    assert other.number in (await offices.look(offices.link_of(TRAPANI)))[1]


async def test_the_technical_team_sees_the_way_of_a_request_and_nobody_in_it(
    offices: Offices, service: Service, database_url: str
) -> None:
    registered = await offices.receive()
    await offices.forward(offices.link_of(RTI), "technical", "asp_trapani", note="nota")
    settings = {
        "INTERCUP_DATABASE_URL": database_url,
        "INTERCUP_DATA_DIR": str(service.settings.data_dir),
    }
    code, shown = await command("show", registered.number, settings)
    assert code == 0
    for word in (registered.number, "platform", "a: ASP Trapani", "posta dell'ufficio: sent"):
        assert word in shown
    for word in (AGATA.email, AGATA.surname, TEXT, "nota"):
        assert word not in shown
    assert await command("show", "IC-0000-0000-0000", settings) == (1, "")


async def command(what: str, number: str, settings: dict[str, str]) -> tuple[int | None, str]:
    """Run `intercup requests`; return its exit code and output."""
    done = await asyncio.to_thread(run_command, "requests", what, number, **settings)
    return done.returncode, done.stdout
