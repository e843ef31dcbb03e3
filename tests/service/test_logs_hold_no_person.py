"""A canary goes through chat, form, mail and desk; no log may hold it, nor anything of the citizen.

A sentence kept for the technical team holds its words, sealed, and nothing of the citizen.
"""

import asyncio
import json
import re
from contextlib import closing
from html import unescape
from uuid import uuid4

from intercup.db.sqlite import sqlite3
from intercup.services.tuning.sentence_seal import SentenceSeal
from intercup.texts import TEXTS
from tests.support.chatting_citizen import ChattingCitizen, number_in, to_summary
from tests.support.hostile_files import picture
from tests.support.made_requests import BOTH
from tests.support.running_service import RunningService

CANARY = "canarinogiallo"
PERSONAL = (CANARY, "Niccolò", "D'Amico", "niccolo.damico", "DMCNCL75M12G273U")
TECHNICAL = "Problemi tecnici rilevati durante la prenotazione sulla struttura sanitaria"
OPTIONAL = {
    "phone": "0923 887 766",
    "best_time": TEXTS.section("best_time")["morning"],
    "relation": TEXTS.section("relation")["parent"],
    "nre": "1900A4099887766",
}
# Of the desk, what its own log holds on purpose.
LOGGED = ("notice", "reason")
LOGGED_WITHIN = 20.0  # seconds; a line comes after its answer, through a pipe


async def test_no_log_holds_a_citizens_words_or_identity(service: RunningService) -> None:
    begun = len(service.log("web"))
    async with ChattingCitizen(service.url) as citizen:
        await citizen.open("home")
        await citizen.say(f"non riesco ad entrare con lo spid {CANARY}")
        await citizen.say(f"/{CANARY}")
        await citizen.log_in("Niccolò D'Amico")
        await citizen.open("portal")
        await citizen.say(f"annulla {CANARY}")
        await citizen.open("portal")
        await citizen.say(f"asd qwe zxc {CANARY}")
        await citizen.page(f"/richieste?{CANARY}")
        await citizen.page(f"/{CANARY}")
        page = await citizen.send_form(
            {"category": "platform", "description": f"L'NRE risulta non valido {CANARY}"} | BOTH
        )
        await citizen.mails_about(number_in(page), 2)
    await until_logged(service, "POST /assistenza ", begun)
    assert leaked(service, PERSONAL) == set()


async def test_what_citizen_and_team_write_is_in_no_log_address_or_subject(
    service: RunningService,
) -> None:
    begun = len(service.log("web"))
    async with ChattingCitizen(service.url) as citizen, ChattingCitizen(service.url) as member:
        number = await request_with_everything(citizen)
        await citizen.post_page(
            f"/richieste/{number}", kind="more", addition=f"manca una pagina {CANARY} addition"
        )
        await citizen.post_page("/valutazione", rating="1", rating_key=CANARY)
        await citizen.post_page(
            "/valutazione/motivo", rating="1", rating_key=CANARY, details=f"{CANARY} details"
        )
        await everything_at_the_desk(member, number)
        mails = await citizen.mails_about(number, 6)
        addresses = citizen.addresses + member.addresses
    assert len(mails) == 6, "request, addition and forward, each with its copy"
    await until_logged(service, "POST /presidio/richieste/{number}/testo ", begun)
    secrets = (*PERSONAL, *OPTIONAL.values(), OPTIONAL["phone"].replace(" ", ""))
    assert held(str([mail["subject"] for mail in mails]), secrets) == set()
    assert leaked(service, secrets) == set()
    assert held(str(addresses), secrets) == set()
    assert number in str(addresses)
    of_desk = desk_log(service)
    for word in LOGGED:
        assert f"{CANARY} {word}" in of_desk
        of_desk = of_desk.replace(f"{CANARY} {word}", "")
    assert held(of_desk, secrets) == set()


async def request_with_everything(citizen: ChattingCitizen) -> str:
    """Send a request from the chat with all that may go along; return its number."""
    await citizen.log_in("Niccolò D'Amico")
    await citizen.open("portal")
    await to_summary(citizen, TECHNICAL, "ASP Trapani", f"Pagina bianca {CANARY} description")
    await citizen.upload(
        citizen.input["files"]["draft"], f"{CANARY}-file.png", await asyncio.to_thread(picture)
    )
    await citizen.post_page("/assistenza/altri-dati", **OPTIONAL)
    await citizen.open("portal")
    send = {"payload": citizen.offers[TEXTS("input.send")], "page_facts": f"Pagina: {CANARY} facts"}
    await citizen.post({"id": str(uuid4())} | send)
    number = number_in(citizen.text)
    page = await citizen.page(f"/richieste/{number}")
    shown = (
        *OPTIONAL.values(),
        *(f"{CANARY}{each}" for each in (" description", "-file", " facts")),
    )
    assert [secret for secret in shown if secret not in unescape(page)] == []
    return number


async def everything_at_the_desk(member: ChattingCitizen, number: str) -> None:
    """Try, teach, announce, forward and open, and take back what other tests would meet."""
    await member.log_in("Niccolò D'Amico", "/presidio")
    tried = await member.post_page("/presidio/prova", sentence=f"lo spid {CANARY} sentence")
    assert f"{CANARY} sentence" in tried
    await member.post_page(
        "/presidio/frasi/nuova", text=f"lo spid {CANARY} example", intent="faq/spid"
    )
    models = await member.page("/presidio/modelli")
    (example,) = re.findall(r'name="decision" value="([^"]+)"', models)
    await member.post_page("/presidio/frasi/annulla", decision=example, page="models")
    notices = await member.post_page(
        "/presidio/avvisi",
        where="category:platform",
        text=f"Avviso {CANARY} notice.",
        starts="",
        ends="",
    )
    (notice,) = re.findall(r"/presidio/avvisi/(\d+)/fine", notices)
    await member.post_page(f"/presidio/avvisi/{notice}/fine")
    await member.post_page(
        f"/presidio/richieste/{number}/inoltra",
        office="ao_papardo/technical",
        note=f"Vi riguarda {CANARY} note",
    )
    opened = await member.post_page(
        f"/presidio/richieste/{number}/testo", reason=f"ha telefonato {CANARY} reason"
    )
    assert f"{CANARY} description" in opened


def leaked(service: RunningService, words: tuple[str, ...]) -> set[tuple[str, str]]:
    """Return the words that stand in the service's logs, each with the log's name."""
    logs = [*service.data_dir.glob("log/*"), service.data_dir / "run.log"]
    assert len(logs) >= 6
    texts = {path.name: path.read_text("utf-8", "replace") for path in logs}
    return {(name, word) for name, text in texts.items() for word in held(text, words)}


def held(text: str, words: tuple[str, ...]) -> set[str]:
    """Return the words that stand in a text, small or capital."""
    return {word for word in words if word.lower() in text.lower()}


def desk_log(service: RunningService) -> str:
    """Return subjects and details of the desk's log, as lines."""
    with closing(sqlite3.connect(service.data_dir / "intercup.db")) as database:
        rows = database.execute("SELECT subject, detail FROM desk_log").fetchall()
    return "\n".join(f"{subject}\n{detail}" for subject, detail in rows)


async def until_logged(service: RunningService, line: str, begun: int) -> None:
    """Wait until the web has logged a line after its first so many characters."""
    async with asyncio.timeout(LOGGED_WITHIN):
        while line not in service.log("web")[begun:]:  # noqa: ASYNC110 (a file of another process)
            await asyncio.sleep(0.1)


async def test_a_kept_sentence_holds_the_words_sealed_and_nothing_of_the_citizen(
    service: RunningService,
) -> None:
    async with ChattingCitizen(service.url) as citizen:
        await citizen.log_in("Niccolò D'Amico")
        await citizen.open("portal")
        for _ in range(2):
            await citizen.say(
                f"niccolo damico DMCNCL75M12G273U niccolo.damico@example.it asd qwe {CANARY}"
            )
        rows, said = await asyncio.to_thread(stored, service)
        await citizen.say("annulla tutto")
    assert not [word for word in PERSONAL if word.lower() in json.dumps([rows, said]).lower()]
    seal = SentenceSeal((service.data_dir / "secret.key").read_bytes().strip())
    texts = [seal.open(row) for row in rows]
    assert any(CANARY in text for text in texts)
    assert not [word for word in (*PERSONAL[1:], "niccolo", "damico") if word in str(texts)]


def stored(service: RunningService) -> tuple[list[str], list[str]]:
    """Return the sealed sentences, and what the chats remember."""
    with closing(sqlite3.connect(service.data_dir / "intercup.db")) as database:
        rows = [row[0] for row in database.execute("SELECT sealed FROM sentences")]
        said = [str(row[0]) for row in database.execute("SELECT said FROM conversations")]
    return rows, said
