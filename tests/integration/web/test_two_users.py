"""Every route × no cookie, another citizen with one's ids, an ended session: all stays apart."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from intercup.db.engine import Database
from intercup.domain.directory import Directory
from intercup.services.structures.structures import Structures
from intercup.settings import Settings
from intercup.web.app import create_app
from tests.support.made_requests import ROSARIO
from tests.support.two_users import (
    FORM_SECRET,
    STATES,
    VICTIM,
    Victim,
    form,
    intruder,
    settle,
)
from tests.support.web_service import Browser, StandInRasa, running_service, stand_in_rasa

TYPED = "scritto adesso da chi prova"


@dataclass(frozen=True)
class Try:
    """A route, as it is tried with the victim's ids, and the status in each of STATES."""

    statuses: tuple[int, int, int, int, int]
    path: str = ""
    data: dict[str, str] | None = None
    json: dict[str, str] | None = None


OPEN = (200, 200, 200, 200, 200)
REFUSED = (403, 403, 403, 403, 403)
UNKNOWN = (404, 404, 404, 404, 404)
PRIVATE_PAGE = (303, 200, 303, 303, 303)
FIELD = "/presidio/strutture/asp_trapani/technical"
MODEL = "0" * 64
DESK = (303, 404, 303, 303, 303)
PRIVATE = (401, 200, 401, 401, 401)
SAML = {"SAMLResponse": "AAAA", "SAMLRequest": "AAAA", "RelayState": "x"}

TRIES: dict[tuple[str, str], Try] = {
    ("GET", "/"): Try((200, 303, 200, 200, 200)),
    ("GET", "/portale"): Try(PRIVATE_PAGE),
    ("GET", "/prenota"): Try(PRIVATE_PAGE),
    ("GET", "/richieste"): Try(PRIVATE_PAGE),
    ("GET", "/richieste/{number}"): Try((303, 404, 303, 303, 303)),
    ("POST", "/richieste/{number}"): Try(
        (401, 404, 401, 401, 401), data={"kind": "more", "addition": TYPED, "form_key": "k"}
    ),
    ("POST", "/richieste/domande"): Try((401, 303, 401, 401, 401), data={"questions": "no"}),
    ("GET", "/favicon.ico"): Try(OPEN),
    ("GET", "/regolamento"): Try(OPEN),
    ("GET", "/privacy"): Try(OPEN),
    ("GET", "/note-legali"): Try(OPEN),
    ("GET", "/accessibilita"): Try(OPEN),
    ("GET", "/amministrazione/logo.svg"): Try(UNKNOWN),
    ("GET", "/amministrazione/colori.css"): Try(OPEN),
    ("POST", "/valutazione"): Try((401, 303, 401, 401, 401), data={"rating": "5"}),
    ("GET", "/valutazione/motivo"): Try((401, 404, 401, 401, 401)),
    ("POST", "/valutazione/motivo"): Try(
        (401, 303, 401, 401, 401), data={"rating": "5", "details": TYPED}
    ),
    ("GET", "/valutazione/grazie"): Try(PRIVATE),
    ("GET", "/.well-known/security.txt"): Try(OPEN),
    ("GET", "/robots.txt"): Try(OPEN),
    ("GET", "/sitemap.xml"): Try(OPEN),
    ("GET", "/accedi"): Try(OPEN),
    ("POST", "/esci"): Try((303, 303, 303, 303, 303)),
    ("GET", "/spid/login"): Try(REFUSED, "/spid/login?idp=x"),
    ("GET", "/spid/post.js"): Try(OPEN),
    ("GET", "/{scheme}/metadata"): Try(OPEN, "/spid/metadata"),
    ("POST", "/{scheme}/acs"): Try(REFUSED, "/spid/acs", SAML),
    ("GET", "/{scheme}/slo"): Try(REFUSED, "/spid/slo?SAMLRequest=x"),
    ("POST", "/{scheme}/slo"): Try(REFUSED, "/spid/slo", SAML),
    ("GET", "/sessione"): Try(OPEN),
    ("POST", "/sessione"): Try(PRIVATE, json={}),
    ("GET", "/recapito"): Try(PRIVATE_PAGE),
    ("POST", "/recapito"): Try((401, 303, 401, 401, 401), data={"email": "altro@example.it"}),
    ("POST", "/recapito/codice"): Try((401, 422, 401, 401, 401), data={"code": "{code}"}),
    ("GET", "/assistenza"): Try(OPEN, "/assistenza?submission_key={submission_key}"),
    ("POST", "/assistenza"): Try((401, 303, 401, 401, 401), data=form("{submission_key}", TYPED)),
    ("GET", "/assistenza/altri-dati"): Try((303, 409, 303, 303, 303)),
    ("POST", "/assistenza/altri-dati"): Try((401, 409, 401, 401, 401), data={"phone": "091123456"}),
    ("GET", "/chat/session"): Try(
        (200, 200, 401, 401, 200), "/chat/session?page=portal&conversation={conversation}"
    ),
    ("GET", "/chat/testi/{language}"): Try(OPEN, "/chat/testi/en?v={number}"),
    ("POST", "/chat/messages"): Try(PRIVATE, json={"id": "{message_id}", "text": TYPED}),
    ("POST", "/chat/forget"): Try(PRIVATE, json={}),
    ("GET", "/chat/files"): Try(PRIVATE),
    ("POST", "/chat/files"): Try(
        (401, 409, 401, 401, 401), data={"draft": "{submission_key}", "drop_file": "{file}"}
    ),
    ("GET", "/chat/events"): Try(PRIVATE, "/chat/events?conversation={conversation}"),
    ("GET", "/inoltra/{token}"): Try(UNKNOWN, "/inoltra/{number}"),
    ("POST", "/inoltra/{token}"): Try(
        UNKNOWN, "/inoltra/{number}", {"destination": "platform", "form_key": "{submission_key}"}
    ),
    ("POST", "/inoltra/{token}/stato"): Try(
        UNKNOWN, "/inoltra/{number}/stato", {"state": "answered"}
    ),
    ("POST", "/inoltra/{token}/allegato"): Try(
        UNKNOWN, "/inoltra/{number}/allegato", {"file": "{file}"}
    ),
    ("GET", "/risposta/{token}"): Try(UNKNOWN, "/risposta/{number}"),
    ("POST", "/risposta/{token}"): Try(UNKNOWN, "/risposta/{number}", {"answer": "no"}),
    ("GET", "/presidio"): Try(DESK),
    ("GET", "/presidio/registro"): Try(DESK),
    ("GET", "/presidio/numeri"): Try(DESK),
    ("GET", "/presidio/avvisi"): Try(DESK),
    ("POST", "/presidio/avvisi"): Try(DESK, data={"where": "pages", "text": TYPED}),
    ("POST", "/presidio/avvisi/{id}/fine"): Try(DESK, "/presidio/avvisi/1/fine", {}),
    ("GET", "/presidio/consegne"): Try(DESK),
    ("POST", "/presidio/consegne/{id}/riprova"): Try(DESK, "/presidio/consegne/1/riprova", {}),
    ("POST", "/presidio/consegne/{id}/casella"): Try(DESK, "/presidio/consegne/1/casella", {}),
    ("GET", "/presidio/senza-risposta"): Try(DESK),
    ("GET", "/presidio/richieste/{number}"): Try(DESK),
    ("POST", "/presidio/richieste/{number}/inoltra"): Try(DESK, data={"office": "platform"}),
    ("POST", "/presidio/richieste/{number}/revoca"): Try(DESK, data={}),
    ("POST", "/presidio/richieste/{number}/testo"): Try(DESK, data={"reason": TYPED}),
    ("GET", "/presidio/risposte"): Try(DESK),
    ("GET", "/presidio/risposte/{answer}"): Try(DESK, "/presidio/risposte/utter_faq/spid"),
    ("POST", "/presidio/risposte/{answer}"): Try(
        DESK, "/presidio/risposte/utter_faq/spid", {"wording": TYPED}
    ),
    ("GET", "/presidio/frasi"): Try(DESK),
    ("POST", "/presidio/frasi/{key}"): Try(
        DESK, "/presidio/frasi/0123456789ab", {"action": "ignore"}
    ),
    ("POST", "/presidio/frasi/annulla"): Try(DESK, data={}),
    ("GET", "/presidio/frasi/esempi"): Try(DESK),
    ("POST", "/presidio/frasi/esempi"): Try(DESK, data={"sentence": "0" * 16, "intent": "-"}),
    ("POST", "/presidio/frasi/esempi/rimetti"): Try(DESK, data={"change": "{message_id}"}),
    ("POST", "/presidio/frasi/nuova"): Try(DESK, data={"text": TYPED}),
    ("GET", "/presidio/prova"): Try(DESK),
    ("POST", "/presidio/prova"): Try(DESK, data={"text": TYPED}),
    ("GET", "/presidio/modelli"): Try(DESK),
    ("POST", "/presidio/modelli/addestra"): Try(DESK, data={}),
    ("POST", "/presidio/modelli/ferma"): Try(DESK, data={"training": "{message_id}"}),
    ("GET", "/presidio/modelli/{sha256}"): Try(DESK, f"/presidio/modelli/{MODEL}"),
    ("POST", "/presidio/modelli/{sha256}/pubblica"): Try(
        DESK, f"/presidio/modelli/{MODEL}/pubblica", {"in_use": ""}
    ),
    ("GET", "/presidio/strutture"): Try(DESK),
    ("GET", "/presidio/strutture/{entry}/{name}"): Try(DESK, FIELD),
    ("POST", "/presidio/strutture/{entry}/{name}"): Try(DESK, FIELD, {"values": TYPED}),
    ("POST", "/presidio/strutture/fuori"): Try(DESK, data={"names": TYPED, "near": "asp_trapani"}),
    **{
        ("POST", f"/presidio/strutture/cambi/{{change}}/{act}"): Try(
            DESK, f"/presidio/strutture/cambi/{'a' * 43}/{act}", {"field": "asp_trapani/technical"}
        )
        for act in ("codice", "nuovo-codice", "conferma", "ritira")
    },
    ("POST", "/presidio/esci"): Try(DESK, data={}),
    ("POST", "/presidio/entra"): Try(UNKNOWN, data={"entry": "{message_id}"}),
    ("GET", "/live"): Try(OPEN),
    ("GET", "/ready"): Try(OPEN),
    ("GET", "/health"): Try(OPEN),
    ("GET", "/demo/mailbox"): Try(OPEN),
    ("GET", "/demo/mailbox.json"): Try(OPEN),
    ("GET", "/static/{name}"): Try((404, 404, 404, 404, 404), "/static/{number}"),
}


@pytest.fixture
async def victim(
    database: Database, directory: Directory, tmp_path: Path, rasa: StandInRasa
) -> AsyncIterator[Victim]:
    async with running_service(database, directory, tmp_path, rasa.url) as service:
        yield await settle(service)


@pytest.fixture(scope="module")
def settled(
    directory: Directory, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Victim]:
    """A data folder in which the victim has settled; copying it takes a tenth of the time."""
    folder = tmp_path_factory.mktemp("settled")
    shutil.copy(sqlite_template, folder / "intercup.db")

    async def settle_there() -> Victim:
        database = Database(f"sqlite+aiosqlite:///{folder / 'intercup.db'}")
        async with (
            stand_in_rasa() as rasa,
            running_service(database, directory, folder, rasa.url) as service,
        ):
            return await settle(service)

    return folder, asyncio.run(settle_there())


@pytest.fixture
async def settled_victim(
    settled: tuple[Path, Victim], directory: Directory, tmp_path: Path, rasa: StandInRasa
) -> AsyncIterator[Victim]:
    """The victim in a data folder of the test's own."""
    folder, victim = settled
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'intercup.db'}")
    async with running_service(database, directory, tmp_path, rasa.url) as service:
        yield replace(victim, service=service)


def test_every_route_is_tried(directory: Directory, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    app = create_app(settings, Database(settings.database_url), Structures(directory))
    routes = {(r.method, r.resource.canonical) for r in app.router.routes() if r.resource}
    assert {route for route in routes if route[0] != "HEAD"} == set(TRIES)


@pytest.mark.parametrize("route", TRIES, ids=" ".join)
async def test_nothing_gets_across(route: tuple[str, str], settled_victim: Victim) -> None:
    wanted, victim = TRIES[route], settled_victim
    for state, status in zip(STATES, wanted.statuses, strict=True):
        await victim.enter(state)
        before = await victim.rows()
        assert before["requests"], "there is something to see"
        async with intruder(victim, state, ROSARIO) as browser:
            answer = await _answer(browser, route, wanted, victim)
        assert answer[0] == status, state
        seen = [secret for secret in victim.secrets if secret in answer[1]]
        assert seen == [], state
        after = await victim.rows()
        if route == ("POST", "/assistenza") and state in ("idle", "absolute"):
            # What is typed after the end of one's own session is kept for the next login.
            for row in (*before["sessions"], *after["sessions"]):
                row["kept_form"] = None
        assert after == before, state


async def _answer(
    browser: Browser, route: tuple[str, str], wanted: Try, victim: Victim
) -> tuple[int, str]:
    """Try a route; return the status, and headers with body as one text."""
    method, canonical = route
    path = _filled(wanted.path or canonical, victim)
    more: dict[str, Any] = {}
    if wanted.data is not None:
        more["data"] = {name: _filled(value, victim) for name, value in wanted.data.items()}
    if wanted.json is not None:
        more["json"] = {name: _filled(value, victim) for name, value in wanted.json.items()}
    ask = browser.post if method == "POST" else browser.get
    async with ask(path, headers={"Last-Event-ID": "0"}, **more) as response:
        body = await _read(response)
        answer = f"{dict(response.headers)}\n{body}"
        # The login leads back to the address that was asked for: that was known before.
        return response.status, answer.replace(path, "")


def _filled(text: str, victim: Victim) -> str:
    """Put the victim's ids in their places."""
    for name in ("number", "code", "submission_key", "conversation", "message_id", "file"):
        text = text.replace(f"{{{name}}}", getattr(victim, name))
    return text


async def _read(response: Any) -> str:
    if response.content_type != "text/event-stream":
        return str(await response.text(errors="replace"))
    got = b""  # It never ends.
    try:
        async with asyncio.timeout(0.5):
            while True:
                got += await response.content.readany()
    except TimeoutError:
        return got.decode()


@pytest.mark.both_databases
async def test_a_button_of_somebody_elses_chat_is_no_button_here(
    victim: Victim, rasa: StandInRasa
) -> None:
    rasa.replies = [{"text": "Ecco.", "buttons": [{"title": "Invia", "payload": "/solo_sua"}]}]
    async with victim.service.browser(VICTIM) as browser:
        await browser.open_chat("portal")
        await browser.say("avanti")
        async with intruder(victim, "other", ROSARIO) as other:
            assert (await other.press("/solo_sua"))[0] == 409
        assert (await browser.press("/solo_sua"))[0] == 200


@pytest.mark.both_databases
async def test_the_same_request_sent_by_another_person_is_another_request(victim: Victim) -> None:
    async with intruder(victim, "other", ROSARIO) as browser:
        same = form(victim.submission_key, FORM_SECRET)
        async with browser.send_form(same) as response:
            assert response.status == 200
            assert victim.number not in await response.text()


@pytest.mark.both_databases
async def test_a_message_id_of_somebody_else_gives_an_answer_of_ones_own(
    victim: Victim, rasa: StandInRasa
) -> None:
    async with intruder(victim, "other", ROSARIO) as browser:
        rasa.replies = [{"text": "per Rosario"}]
        status, body = await browser.say("domanda di Rosario", victim.message_id)
        assert (status, [m["text"] for m in body["messages"]]) == (200, ["per Rosario"])
        _, again = await browser.say("un'altra", str(uuid4()))
        assert len(again["messages"]) == 1
