"""/presidio/strutture: seen, changed, refused, compared, taken back; who may do what."""

import asyncio
import json
import re
import time
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import update

from intercup.db.engine import Database
from intercup.db.tables import StructureVersion
from intercup.domain.staff import Role
from intercup.domain.structure_names import resolve_structure
from intercup.services.delivery.outbox import retry
from intercup.services.structures.structures import Structures
from intercup.texts import TEXTS
from tests.integration.services.structures.test_changes import NEW, OLD, code_to, mails
from tests.support.desk import at_desk, logged
from tests.support.made_requests import AGATA, deliveries, set_deliveries
from tests.support.paths import ROOT
from tests.support.web_service import FIELDS, Browser, Service, running_service

LIST = "/presidio/strutture"
PLACES, MAILBOX = f"{LIST}/asp_trapani/places", f"{LIST}/asp_trapani/technical"
DONE = TEXTS.section("desk_done")


async def post(
    browser: Browser,
    path: str,
    values: str = "",
    seen: str = "0",
    action: str = "save",
    **more: str,
) -> tuple[int, str]:
    """Post a field's form; return the status and the address or page that follows."""
    fields = {"values": values, "seen": seen, "action": action, **more}
    async with browser.post(path, data=fields) as response:
        return response.status, response.headers.get("Location") or unescape(await response.text())


async def page_of(browser: Browser, path: str) -> str:
    async with browser.get(path) as response:
        assert response.status == 200
        return unescape(await response.text())


async def act(browser: Browser, path: str, what: str, **fields: str) -> str:
    """Press a button of the change that waits; return the outcome's key."""
    id_ = re.findall(r"cambi/([\w-]{43})/ritira", await page_of(browser, path))[0]
    data = {"field": path.removeprefix(f"{LIST}/"), **fields}
    async with browser.post(f"{LIST}/cambi/{id_}/{what}", data=data) as response:
        assert response.status == 303
        return str(response.headers["Location"]).rpartition("done=")[2]


async def test_a_name_is_looked_at_saved_heard_and_taken_back(
    service: Service, database: Database
) -> None:
    async with at_desk(service, Role.DIALOGUE) as rosa:
        listed = await page_of(rosa, LIST)
        assert (OLD in listed, "Mazara del Vallo" in listed, "Modificata" in listed) == (
            True,
            True,
            False,
        )
        typed = "lilibeo antica, marsala\r\n\r\n gela  bassa "
        status, preview = await post(rosa, PLACES, typed, action="preview")
        assert (status, "propone ASP Trapani, da confermare" in preview) == (200, True)
        assert "<del>Alcamo</del>" in preview
        assert "<ins>gela bassa</ins>" in preview
        assert "Storia" not in await page_of(rosa, PLACES)
        assert await post(rosa, PLACES, typed) == (303, f"{PLACES}?done=structure_changed")
        page = await page_of(rosa, f"{PLACES}?done=structure_changed")
        assert DONE["structure_changed"] in page
        assert "Torna al file" in page
        assert "<strong>Modificata.</strong>" in await page_of(rosa, LIST)
        status, late = await post(rosa, PLACES, "marsala", "0")
        assert (status, "Nel frattempo l'ha cambiata un'altra persona" in late) == (409, True)
        assert 'name="seen" value="1"' in late
        in_file = re.findall(r'name="values" value="([^"]+)"', page)[0]
        assert (await post(rosa, PLACES, in_file, "1"))[0] == 303
        assert "<strong>Modificata.</strong>" not in await page_of(rosa, LIST)
        assert "Torna a questo" in await page_of(rosa, PLACES)
    entry = ("Rosa", "structure_changed", "asp_trapani/places", "")
    assert await logged(database) == [entry] * 2


SURE = f"{LIST}/emergency-words/sure"


async def test_a_word_alarms_at_once_unless_people_who_are_well_use_it(
    database: Database, tmp_path: Path
) -> None:
    here = Structures.load(ROOT / "config" / "structures.yaml")
    async with (
        running_service(database, here, tmp_path) as service,
        at_desk(service, Role.DIALOGUE) as rosa,
    ):
        for typed, said in (
            ("operatore", "sta anche in una frase che non è un'emergenza"),
            ("ohiò", "ha meno di 5 lettere"),
        ):
            status, page = await post(
                rosa, SURE, f"cianotico e immobile\n{typed}", action="preview"
            )
            assert (status, f"«{typed}» {said}" in page) == (422, True)
        status, found = await post(rosa, SURE, "ohiò", action="check")
        said = {"problem": "«ohiò» ha meno di 5 lettere."}
        assert (status, json.loads(found)) == (200, said)
        status, page = await post(rosa, SURE, "cianotico e immobile", action="preview")
        assert "la chat si ferma e dice di chiamare il 112" in page
        assert await post(rosa, SURE, "cianotico e immobile") == (
            303,
            f"{SURE}?done=structure_changed",
        )
        directory = here.directory
        assert directory.emergency.tier_of("È CIANÒTICO, e immobile!") == "sure"
        assert directory.emergency.tier_of("è cianotico ed è immobile") is None
        possible = SURE.replace("sure", "possible")
        status, page = await post(rosa, possible, "cianotico e immobile")
        assert (status, "è già fra le parole di un'emergenza sicura" in page) == (422, True)
        assert (await post(rosa, SURE, "", "1"))[0] == 303
        assert here.directory.emergency.sure == ()


async def test_a_place_that_is_not_in_intercup_is_added_changed_and_taken_out(
    database: Database, tmp_path: Path
) -> None:
    here = Structures.load(ROOT / "config" / "structures.yaml")
    names = f"{LIST}/outside-castrofilippo/names"
    async with (
        running_service(database, here, tmp_path) as service,
        at_desk(service, Role.DIALOGUE) as rosa,
    ):
        status, page = await post_place(rosa, "", "asp_trapani")
        assert (status, "Non può essere vuoto." in page) == (422, True)
        status, page = await post_place(rosa, "ospedale", "asp_trapani")
        assert (status, "usano anche per altro" in page) == (422, True)
        assert await post_place(rosa, "Castrofilippo\nponte di castrofilippo", "asp_agrigento") == (
            303,
            f"{LIST}?done=place_added",
        )
        assert heard(here, "il cup di Castrofilippo") == ("outside", ("asp_agrigento",))
        status, page = await post_place(rosa, "castrofilippo", "asp_agrigento")
        assert (status, "è già il primo nome di un'altra voce" in page) == (422, True)
        assert "castrofilippo" in await page_of(rosa, LIST)
        assert (await post(rosa, names, "castrofilippo", "1"))[0] == 303
        near = names.replace("names", "near")
        assert (await post(rosa, near, "", "2", near_asp_trapani="1"))[0] == 303
        assert heard(here, "il cup di Castrofilippo") == ("outside", ("asp_trapani",))
        assert (await post(rosa, names, "", "3"))[0] == 303
        assert heard(here, "il cup di Castrofilippo") == ("none", ())
        assert "castrofilippo" not in await page_of(rosa, LIST)
        async with rosa.get(names) as response:
            assert response.status == 404
        assert (await post_place(rosa, "Castrofilippo", "asp_agrigento"))[0] == 303
    assert (await logged(database))[0] == ("Rosa", "place_added", "outside-castrofilippo", "")


async def post_place(browser: Browser, names: str, *near: str) -> tuple[int, str]:
    fields = {"values": names, **{f"near_{id_}": "1" for id_ in near}}
    async with browser.post(f"{LIST}/fuori", data=fields) as response:
        return response.status, response.headers.get("Location") or unescape(await response.text())


def heard(structures: Structures, text: str) -> tuple[str, tuple[str, ...]]:
    found = resolve_structure(text, structures.directory)
    return found.kind, found.ids


@pytest.mark.both_databases
async def test_another_process_has_a_name_within_five_seconds(
    database: Database, tmp_path: Path
) -> None:
    file = ROOT / "config" / "structures.yaml"
    other, here = Structures.load(file), Structures.load(file)
    watching = asyncio.create_task(other.watch(database))
    async with (
        running_service(database, here, tmp_path) as service,
        at_desk(service, Role.DIALOGUE) as rosa,
    ):
        assert (await post(rosa, PLACES, "lilibeo"))[0] == 303
        began = time.monotonic()
        assert resolve_structure("lilibeo", here.directory).ids == ("asp_trapani",)
        while resolve_structure("lilibeo", other.directory).ids != ("asp_trapani",):
            assert time.monotonic() - began < 5.0
            await asyncio.sleep(0.1)
    watching.cancel()


async def test_a_wrong_value_comes_back_with_what_was_typed(service: Service) -> None:
    central, near = f"{LIST}/central-mailboxes/home", f"{LIST}/outside-enna/near"
    wrong = (
        (MAILBOX, "cup@asptrapani", "«cup@asptrapani» non è un indirizzo di posta."),
        (MAILBOX, "cup@a.it\nCUP@a.it", "Contiene due volte lo stesso indirizzo."),
        (MAILBOX, " , ", "Non può essere vuoto."),
        (central, "a@b.it\nb@b.it", "on è un indirizzo di posta."),
        (PLACES, "marsala\nazienda", "«azienda» è fatto solo di parole comuni."),
        (PLACES, "marsala\nospedale", "«ospedale» è una parola che i cittadini usano anche"),
        (PLACES, "Il Cuore", "«Il Cuore» è una parola che i cittadini usano anche"),
        (PLACES, "a" * 121, "è troppo lungo."),
        (PLACES, "\n".join(f"paese numero {n}" for n in range(101)), "Ha più di 100 voci."),
        (PLACES, "x", "«x» è troppo corto."),
        (near, "asp_atlantide", "la struttura asp_atlantide non esiste."),
        (near, "", "Non può essere vuoto."),
    )
    async with at_desk(service, Role.DIALOGUE) as rosa:
        for path, values, problem in wrong:
            status, page = await post(rosa, path, values)
            assert (status, problem in page) == (422, True), (values, page)
            assert f"\n{values}</textarea>" in page or path == near
            assert ("Il cambio vale dopo un codice" in page) == (path in (MAILBOX, central))
        for path in (f"{LIST}/asp_trapani/name", f"{LIST}/asp_trapani/near", f"{LIST}/no/places"):
            assert (await post(rosa, path, "marsala"))[0] == 404
        assert await post(rosa, near, near_asp_trapani="1") == (
            303,
            f"{near}?done=structure_changed",
        )
        page = await page_of(rosa, near)
    assert "<ins>ASP Trapani</ins>" in page
    assert "<del>ASP Catania</del>" in page


async def test_two_people_correct_a_mailbox_and_its_requests_go_there(
    service: Service, database: Database
) -> None:
    async with (
        at_desk(service, Role.DIALOGUE, name="Anna") as anna,
        at_desk(service, Role.RELEASE, Role.DELIVERIES, name="Bruno") as bruno,
        service.browser(AGATA) as citizen,
    ):
        sent = FIELDS | {"structure": "asp_trapani"}
        async with citizen.send_form(sent) as response:
            assert response.status == 200
        await set_deliveries(database, "office", state="held", last_error="SMTP 550", attempts=1)
        async with citizen.send_form(sent | {"submission_key": "in coda"}) as response:
            assert response.status == 200
        assert await post(anna, MAILBOX, NEW) == (303, f"{MAILBOX}?done=mailbox_asked")
        asked = await page_of(anna, MAILBOX)
        assert ("spetta a un'altra persona" in asked, "/conferma" in asked) == (True, False)
        assert "Un cambio aspetta la conferma." in await page_of(anna, LIST)
        assert "/conferma" not in await page_of(bruno, MAILBOX)
        assert await act(anna, MAILBOX, "codice", address=NEW, code="1") == "mailbox_code_wrong"
        assert "(e-mail: in coda)" in asked
        await set_deliveries(database, "mailbox", state="failed")
        assert "(e-mail: non consegnata)" in await page_of(anna, MAILBOX)
        assert await act(anna, MAILBOX, "nuovo-codice") == "mailbox_code_sent"
        assert "(e-mail: in coda)" in await page_of(anna, MAILBOX)
        code = await code_to(database, NEW)
        assert await act(anna, MAILBOX, "codice", address=NEW, code=code) == "mailbox_code_right"
        ready = await page_of(bruno, MAILBOX)
        assert ("/conferma" in ready, "E-mail ferme per questo ufficio: 1" in ready) == (True, True)
        assert await act(bruno, MAILBOX, "conferma") == "mailbox_confirmed"
        assert "E-mail ferme per questo ufficio: 2" in await page_of(bruno, MAILBOX)
        both = [row for row in await deliveries(database) if row.role == "office"]
        assert [(row.state, row.last_error) for row in both] == [
            ("held", "SMTP 550"),
            ("held", "mailbox_changed"),
        ]
        assert "La casella dell'ufficio è cambiata" in await page_of(bruno, "/presidio/consegne")
        async with database.write() as writing:
            assert await retry(writing, None, time.time()) == [both[0].id]
        for row in both:
            async with bruno.post(f"/presidio/consegne/{row.id}/casella", data={}) as response:
                assert response.headers["Location"].endswith("done=mail_readdressed")
        async with citizen.send_form(sent | {"submission_key": "seconda"}) as response:
            assert response.status == 200
    rows = [row for row in await deliveries(database) if row.role == "office"]
    assert [row.recipient for row in rows] == [OLD, OLD, NEW, NEW, NEW]
    assert {row.state for row in rows if row.recipient == OLD} == {"failed"}
    assert [to for to, _ in await mails(database)] == [NEW, NEW, OLD]
    for who, _, subject, detail in await logged(database):
        assert who in ("Anna", "Bruno")
        assert "@" not in subject + detail


async def test_a_conflict_with_the_file_is_shown_and_decided(
    service: Service, database: Database
) -> None:
    async with at_desk(service, Role.DIALOGUE) as rosa:
        assert (await post(rosa, PLACES, "marsala"))[0] == 303
        assert "è cambiato" not in await page_of(rosa, LIST)
        async with database.write() as writing:  # as if the file had been another then
            await writing.execute(update(StructureVersion).values(origin="segesta"))
        assert "Modificata, e il file è cambiato." in await page_of(rosa, LIST)
        page = await page_of(rosa, PLACES)
        assert ("Prima nel file c'era" in page, "segesta" in page) == (True, True)
        assert (await post(rosa, PLACES, "marsala", "1"))[0] == 303
        assert "il file è cambiato" not in await page_of(rosa, LIST)
