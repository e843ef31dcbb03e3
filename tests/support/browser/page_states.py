"""Every page in every visible state, with the steps that lead to it: a row for each."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP

from playwright.async_api import Page, expect
from sqlalchemy import case, delete, select, update

from intercup.db.tables import (
    AnswerQuestion,
    BrowserSession,
    Delivery,
    Figure,
    ForwardLink,
    MonthlyCount,
    NoticeRow,
)
from intercup.domain.forwarding import ForwardForm
from intercup.domain.request import Citizen
from intercup.domain.staff import Role
from intercup.services.ids import hash_of
from intercup.services.login.session_expiry import ABSOLUTE_LIMIT, IDLE_LIMIT
from intercup.services.login.sessions import log_in
from intercup.services.requests.forward import ForwardOrder, forward_request
from intercup.services.requests.submit import submit_request
from intercup.services.staff.log import note
from tests.support.browser.page_place import BROKEN, Place
from tests.support.browser.page_watch import Watch
from tests.support.desk import COOKIE, desk_cookie
from tests.support.forwarding import link_in
from tests.support.hostile_files import ESCAPED, PDF, PNG
from tests.support.kept_files import draft_with
from tests.support.made_requests import MAILS, NO_LIMITS, submission, submit
from tests.support.smtp_servers import Caught

AGATA = Citizen("", "Agata", "Lo Presti", "agata.lopresti@example.it")
LONG = Citizen(
    "",
    "Maria Immacolata Concetta",
    "Notarbartolo di Villarosa Moncada",
    "mariaimmacolata.notarbartolodivillarosa@posta.example.org",
)
WITHOUT_ADDRESS = replace(AGATA, name="Salvatore", surname="Cusumano", email="")
TEXT = (
    "Ho scelto la visita cardiologica e la data, ma quando premo «Conferma» la pagina torna"
    " all'inizio e la prenotazione non c'è."
)


@dataclass
class Visit:
    """A browser on its way to a state, with a citizen of its own."""

    page: Page
    place: Place
    name: str
    watch: Watch
    citizen: Citizen | None = None
    cookie: str = ""

    async def go(self, path: str) -> None:
        await self.page.goto(self.place.url + path)

    async def log_in(self, citizen: Citizen) -> None:
        self.citizen = replace(citizen, person_key=f"person-{self.name}")
        old = hash_of(self.cookie) if self.cookie else None
        self.cookie = await log_in(self.place.database, old, self.citizen, time.time())
        await self.page.context.add_cookies(
            [{"name": "intercup", "value": self.cookie, "url": self.place.url}]
        )

    async def age(self, **seconds: float) -> None:
        """Make the session older, without activity."""
        values = {name: time.time() - value for name, value in seconds.items()}
        async with self.place.database.write() as writing:
            mine = BrowserSession.id_hash == hash_of(self.cookie)
            await writing.execute(update(BrowserSession).where(mine).values(**values))

    async def press(self, name: str) -> None:
        await self.page.get_by_role("main").get_by_role("button", name=name, exact=True).click()

    async def post(self, path: str, **fields: str) -> None:
        """Post a form that our pages wouldn't send like this."""
        await self.page.evaluate(
            """([path, fields]) => {
              const form = document.createElement('form');
              Object.assign(form, { method: 'post', action: path });
              for (const [name, value] of Object.entries(fields)) {
                const field = form.appendChild(document.createElement('textarea'));
                Object.assign(field, { name, value });
              }
              document.body.append(form);
              form.submit();
            }""",
            [path, fields],
        )
        await self.page.wait_for_url(self.place.url + path)

    async def settle(self) -> None:
        """Wait for fonts and, if the page has the assistant, for its first message."""
        await self.page.wait_for_load_state()
        await self.page.evaluate("document.fonts.ready.then(() => undefined)")
        if await self.page.locator("intercup-assistenza[mode=inline]").count():
            words = self.page.get_by_role("log").locator("*")
            notice = self.page.locator("intercup-assistenza .notice")
            await expect(words.or_(notice).first).to_be_visible()

    async def link_to_forward(self) -> str:
        """Register a request for InterCup's own team; return the path in the mail to it."""
        place, wanted = self.place, submission(None, "platform", citizen=self.citizen or AGATA)
        number = (await submit(place.database, place.directory, wanted)).number
        return await self.link_in_mail(number)

    async def link_in_mail(self, number: str) -> str:
        """Return the path in the mail about a request to its office."""
        async with self.place.database.read() as reading:
            raw = await reading.scalar(
                select(Delivery.raw).where(
                    Delivery.request_number == number, Delivery.role == "office"
                )
            )
        assert raw
        return link_in(Caught("", [], raw))


ONE_SENTENCE = "/presidio/frasi/esempi?words=please+operatore+inglese"

type Step = Callable[[Visit], Awaitable[None]]


@dataclass(frozen=True)
class State:
    """A state: page, citizen, preparation, and actions on the page."""

    path: str
    citizen: Citizen | None = None
    before: Step | None = None
    then: Step | None = None

    async def reach(self, visit: Visit) -> None:
        if self.citizen:
            await visit.log_in(self.citizen)
        if self.before:
            await self.before(visit)
        await visit.go(self.path)
        if self.then:
            await self.then(visit)
        await visit.settle()


async def _make_requests(visit: Visit) -> None:
    """Register a request in each state of its delivery."""
    place, citizen = visit.place, visit.citizen or AGATA
    rows = (
        ("queued", "technical", "ao_papardo"),
        ("sent", "information", "ao_villa_sofia_cervello"),
        ("held", "platform", None),
    )
    for state, category, structure in rows:
        wanted = submission(category=category, structure=structure, citizen=citizen)
        number = (await submit(place.database, place.directory, wanted)).number
        async with place.database.write() as writing:
            mine = Delivery.request_number == number
            await writing.execute(update(Delivery).where(mine).values(state=state))


async def _make_forwarded(visit: Visit) -> None:
    """Let a request be passed on, its copy come back and its mails arrive."""
    place, link = visit.place, await visit.link_to_forward()
    form = ForwardForm("technical", "ao_villa_sofia_cervello", "")
    order = ForwardOrder(link.rpartition("/")[2], "key", form)
    await forward_request(
        place.database, place.directory, order, place.settings.mails, datetime.now(UTC)
    )
    async with place.database.write() as writing:
        sent = {"office": "sent", "copy": "failed"}
        await writing.execute(update(Delivery).values(state=case(sent, value=Delivery.role)))


async def _sit_at_desk(visit: Visit) -> None:
    cookie = await desk_cookie(visit.place.database, Role, f"Rosa {visit.name}")
    await visit.page.context.add_cookies(
        [{"name": COOKIE, "value": cookie, "url": visit.place.url}]
    )


async def _look_at_request(visit: Visit) -> None:
    """Open a request that was forwarded, and whose new office's mail came back."""
    place, link = visit.place, await visit.link_to_forward()
    form = ForwardForm("technical", "asp_trapani", "")
    order = ForwardOrder(link.rpartition("/")[2], f"key of {visit.name}", form)
    await forward_request(
        place.database, place.directory, order, place.settings.mails, datetime.now(UTC)
    )
    async with place.database.write() as writing:
        token = hash_of(link.rpartition("/")[2])
        of_link = ForwardLink.token_hash == token
        number = await writing.scalar(select(ForwardLink.request_number).where(of_link))
        mine = Delivery.request_number == number
        sent = {"state": "sent", "sent_at": time.time()}
        await writing.execute(update(Delivery).where(mine).values(**sent))
        office = mine & (Delivery.role == "office") & (Delivery.hop == 1)
        bounced = {"state": "held", "last_error": "bounce 5.1.1"}
        await writing.execute(update(Delivery).where(office).values(**bounced))
    await visit.go(f"/presidio/richieste/{number}")


async def _count(visit: Visit) -> None:
    """Let a month have figures of several kinds, some of them too small to be shown."""
    await _sit_at_desk(visit)
    rows = (
        *(("understood", "at_once", 412), ("understood", "asked", 38), ("understood", "missed", 4)),
        *(("category", "technical", 120), ("category", "platform", 60)),
        *(("forwarded_category", "technical", 18), ("delivered", "minute", 178)),
        *(("step_entered", "category", 90), ("step_answered", "category", 80)),
    )
    async with visit.place.database.write() as writing:
        writing.add_all(
            Figure(month="2026-02", kind=kind, cell=cell, count=count) for kind, cell, count in rows
        )
        counts = {"category": "information", "structure": "asp_trapani", "requests": 45}
        writing.add(MonthlyCount(month="2026-02", **counts))


async def _read_the_log(visit: Visit) -> None:
    await _sit_at_desk(visit)
    async with visit.place.database.write() as writing:
        note(writing, "Rosa", "mail_retried", 1.8e9, "12")
        note(writing, "comando di intercup", "request_forwarded", 1.8e9, "IC-7K2M-4Q8D-9XRT")


async def _forward_nowhere(visit: Visit) -> None:
    await _look_at_request(visit)
    await visit.press("Inoltra la richiesta")
    await expect(visit.page.get_by_role("alert")).to_be_visible()


async def _wait_at_desk(visit: Visit) -> None:
    """Show the deliveries of this state only: the place is shared."""
    async with visit.place.database.write() as writing:
        await writing.execute(update(Delivery).values(state="sent", sent_at=time.time()))
    await _make_requests(visit)
    await _sit_at_desk(visit)


async def _hold_at_desk(visit: Visit) -> None:
    """Hold one mail of an office, and no other: the place is shared."""
    async with visit.place.database.write() as writing:
        await writing.execute(update(Delivery).values(state="sent", sent_at=time.time()))
    wanted = submission(structure="asp_trapani", citizen=visit.citizen or AGATA)
    number = (await submit(visit.place.database, visit.place.directory, wanted)).number
    async with visit.place.database.write() as writing:
        mine = Delivery.request_number == number
        held = {"office": "held", "copy": "sent"}
        state = case(held, value=Delivery.role)
        await writing.execute(update(Delivery).where(mine).values(state=state))
    await _sit_at_desk(visit)


async def _have_no_notice(visit: Visit) -> None:
    async with visit.place.database.write() as writing:
        await writing.execute(delete(NoticeRow))
    await _sit_at_desk(visit)


async def _publish(visit: Visit) -> None:
    """Publish a notice for later, so that other states' pages stay as they are."""
    await visit.page.get_by_label("Testo").fill("Il CUP di Trapani è fermo fino alle 14.")
    await visit.page.get_by_label("Da", exact=True).fill("01/01/2099 08:00")
    await visit.press("Pubblica")
    await expect(visit.page.get_by_role("status")).to_be_visible()


async def _publish_nothing(visit: Visit) -> None:
    await visit.press("Pubblica")
    await expect(visit.page.get_by_role("alert")).to_be_visible()


async def _choose_sentence(visit: Visit) -> None:
    await visit.page.get_by_role("link", name="Please posso parlare").click()
    await expect(visit.page.get_by_role("button", name="Cambia")).to_be_visible()


async def _choose_no_intent(visit: Visit) -> None:
    await _choose_sentence(visit)
    await visit.press("Cambia")
    await expect(visit.page.get_by_role("alert")).to_be_visible()


async def _open_link(visit: Visit) -> None:
    await visit.go(await visit.link_to_forward())


async def _mark(visit: Visit) -> None:
    await _open_link(visit)
    await visit.press("Presa in carico")
    await expect(visit.page.get_by_role("status").first).to_contain_text("Segnato")


async def _ask(visit: Visit) -> str:
    """Ask whether a new request was answered; return the path in the mail."""
    place, token = visit.place, f"token of {visit.name}"
    citizen = replace(AGATA, person_key=f"person-{visit.name}")
    number = (await submit(place.database, place.directory, submission(citizen=citizen))).number
    async with place.database.write() as writing:
        question = {"token_hash": hash_of(token), "asked_at": time.time()}
        writing.add(AnswerQuestion(request_number=number, **question))
    return f"/risposta/{token}"


async def _open_question(visit: Visit) -> None:
    await visit.go(f"{await _ask(visit)}?no")


async def _say_no(visit: Visit) -> None:
    await _open_question(visit)
    await visit.press("No, nessuna risposta")
    await expect(visit.page.get_by_role("status").first).to_contain_text("Registrato.")
    await visit.press("Non chiedetemelo più")
    await expect(visit.page.get_by_role("status").last).to_contain_text("Non le chiederemo più")


async def _look_at_unanswered(visit: Visit) -> None:
    await _say_no(visit)
    await _sit_at_desk(visit)


async def _forward_empty(visit: Visit) -> None:
    await _open_link(visit)
    await visit.press("Inoltra la richiesta")
    await expect(visit.page.get_by_role("alert")).to_be_visible()


async def _forward(visit: Visit) -> None:
    await _open_link(visit)
    await visit.page.get_by_label("Assistenza tecnica di una struttura").check()
    await visit.page.get_by_label("Struttura competente").select_option("ASP Trapani")
    await visit.press("Inoltra la richiesta")
    await expect(visit.page.get_by_role("heading", level=1)).to_have_text("Richiesta inoltrata")


async def _forward_again(visit: Visit) -> None:
    link = await visit.link_to_forward()
    await visit.go(link)
    await visit.page.get_by_label("Presidio tecnico InterCup").check()
    await visit.press("Inoltra la richiesta")
    await expect(visit.page.get_by_role("alert")).to_contain_text("ha già ricevuto")


async def _open_old_link(visit: Visit) -> None:
    link = await visit.link_to_forward()
    async with visit.place.database.write() as writing:
        mine = ForwardLink.token_hash == hash_of(link.rpartition("/")[2])
        await writing.execute(update(ForwardLink).where(mine).values(expires_at=0.0))
    await visit.go(link)


async def _make_mail(visit: Visit) -> None:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Cc"] = "servizio@example.it", "cup@example.it", AGATA.email
    mail["Subject"], mail["Date"] = "Richiesta IC-7K2M-4Q8D-9XRT", "Tue, 24 Nov 2026 15:04:00 +0100"
    mail.set_content(f"Numero: IC-7K2M-4Q8D-9XRT\n\n{TEXT}\n\nhttps://example.it/" + "x" * 70)
    folder = visit.place.settings.mailbox_dir
    folder.mkdir(exist_ok=True)
    (folder / "1.eml").write_bytes(b"X-Caught-Recipient: cup@example.it\r\n" + bytes(mail))


async def _fill_in(visit: Visit) -> None:
    page = visit.page
    await page.locator("#category").select_option("technical")
    await page.locator("#structure").select_option("ao_villa_sofia_cervello")
    await page.locator("#description").fill(TEXT)
    for consent in ("privacy", "regulation"):
        await page.locator(f"#{consent}").check()


async def _send_empty(visit: Visit) -> None:
    await visit.press("Invia")
    await expect(visit.page.locator("#errori")).to_be_visible()


async def _send_wrong_optional(visit: Visit) -> None:
    await _fill_in(visit)
    await visit.page.locator("#request-form > details summary").click()
    await visit.page.get_by_label("Telefono").fill("chiamatemi")
    await visit.page.get_by_label("Scrivo per un'altra persona").select_option("Madre o padre")
    await visit.press("Invia")
    await expect(visit.page.locator("#errori")).to_be_visible()


async def _choose_files(visit: Visit) -> None:
    """Send a form with two files, of which one is refused; then choose nothing more."""
    await _fill_in(visit)
    await visit.page.get_by_label("Allegati, facoltativi").set_input_files(
        [
            {"name": "Schermata dell'errore.png", "mimeType": "image/png", "buffer": PNG},
            {"name": "modulo.pdf", "mimeType": "application/pdf", "buffer": ESCAPED},
        ]
    )
    await visit.press("Invia")
    await expect(visit.page.locator("#errori")).to_contain_text("«modulo.pdf»")


async def _open_link_with_files(visit: Visit) -> None:
    place = visit.place
    draft = await draft_with(place.database, ("Schermata dell'errore.png", PNG), ("a.pdf", PDF))
    wanted, small = submission(None, "platform", draft=draft), replace(MAILS, files_max=0)
    now = datetime.now(UTC)
    made = await submit_request(place.database, place.directory, wanted, small, now, NO_LIMITS)
    await visit.go(await visit.link_in_mail(made.number))
    await expect(visit.page.get_by_role("button", name="Scarica a.pdf")).to_be_visible()


async def _send(visit: Visit) -> None:
    await _fill_in(visit)
    await visit.press("Invia")
    await expect(visit.page).to_have_title("Richiesta inviata | InterCup, Regione Siciliana")


async def _add(visit: Visit) -> None:
    await _send(visit)
    await visit.page.get_by_label("Che cosa aggiungere").fill("Ora esce anche un errore 500.")
    await visit.page.locator("#aggiungi").get_by_role("button", name="Invia").click()
    await expect(visit.page.get_by_role("status").first).to_contain_text("Registrato.")


async def _add_too_little(visit: Visit) -> None:
    await _send(visit)
    await visit.page.get_by_label("Che cosa aggiungere").fill("Altro")
    await visit.page.locator("#aggiungi").get_by_role("button", name="Invia").click()
    await expect(visit.page.locator("#errori")).to_be_visible()


async def _withdraw(visit: Visit) -> None:
    await _send(visit)
    await visit.page.locator("#aggiungi summary").click()
    await visit.press("Sì, non serve più")
    await expect(visit.page.get_by_role("status").first).to_contain_text("Registrato.")


async def _rate(visit: Visit) -> None:
    await _send(visit)
    await visit.page.get_by_role("radio").nth(2).check()
    await visit.press("Invia la valutazione")
    await expect(visit.page.get_by_role("heading", level=1)).to_have_text("Valutazione ricevuta")


async def _explain_at_length(visit: Visit) -> None:
    await _rate(visit)
    await visit.page.get_by_label("Ho avuto problemi tecnici").check()
    await visit.page.locator("#details").fill("Si ferma. " * 30)
    await visit.press("Invia la risposta")
    await expect(visit.page.locator("#errori")).to_be_visible()


async def _explain(visit: Visit) -> None:
    await _rate(visit)
    await visit.press("Invia la risposta")
    await expect(visit.page.get_by_role("heading", level=1)).to_have_text("Grazie")


async def _send_when_expired(visit: Visit) -> None:
    await _fill_in(visit)
    await visit.age(seen_at=IDLE_LIMIT + 1)
    await visit.press("Invia")
    await expect(visit.page.get_by_role("alert")).to_contain_text("La sessione è scaduta")


async def _log_in_after_expiry(visit: Visit) -> None:
    await _send_when_expired(visit)
    await visit.log_in(AGATA)
    await visit.go("/assistenza")


async def _send_as_another(visit: Visit) -> None:
    await _fill_in(visit)
    await visit.page.locator("[name=person]").evaluate("field => field.value = 'altra'")
    await visit.press("Invia")
    await expect(visit.page.get_by_role("alert")).to_contain_text("un'altra persona")


async def _send_without_database(visit: Visit) -> None:
    await _fill_in(visit)
    async with visit.place.without_database():
        await visit.press("Invia")
        await expect(visit.page.locator("#errori")).to_contain_text("Nulla è stato inviato")


async def _expire(visit: Visit) -> None:
    await visit.age(seen_at=IDLE_LIMIT + 1)


async def _ask_code(visit: Visit) -> None:
    await visit.page.locator("#email").fill("agata.nuova@example.it")
    await visit.press("Manda il codice")
    await expect(visit.page.locator("#code")).to_be_visible()


async def _type_wrong_code(visit: Visit) -> None:
    await _ask_code(visit)
    await visit.page.locator("#code").fill("12")
    await visit.press("Conferma l'indirizzo")
    await expect(visit.page.locator("#error")).to_be_visible()


async def _type_wrong_address(visit: Visit) -> None:
    await visit.page.locator("#email").fill("agata@")
    await visit.press("Manda il codice")
    await expect(visit.page.locator("#error")).to_be_visible()


async def _ask_too_many_codes(visit: Visit) -> None:
    await _ask_code(visit)
    for _ in range(10):
        await visit.press("Mandami un altro codice")
        if await visit.page.locator("#code").count() == 0:
            return
    raise AssertionError("no limit was reached")


def _warned(**age: float) -> Step:
    async def warn(visit: Visit) -> None:
        await visit.age(**age)
        await visit.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await expect(visit.page.get_by_role("alertdialog")).to_be_visible()

    return warn


async def _stay_after_expiry(visit: Visit) -> None:
    await _warned(seen_at=IDLE_LIMIT + 1)(visit)
    await visit.page.get_by_role("button", name="Resta su questa pagina").click()
    await expect(visit.page.locator("#session-notice")).to_be_visible()


def _posted(path: str, **fields: str) -> Step:
    async def post(visit: Visit) -> None:
        await visit.post(path, **fields)

    return post


async def _come_from_elsewhere(visit: Visit) -> None:
    await visit.page.goto("about:blank")
    await visit.page.set_content(
        f'<form method="post" action="{visit.place.url}/esci"><button>x</button></form>'
    )
    await visit.page.get_by_role("button").click()
    await visit.page.wait_for_url(f"{visit.place.url}/esci")


async def _lose_database(visit: Visit) -> None:
    async with visit.place.without_database():
        await visit.go("/richieste")


async def _open_provider(visit: Visit) -> None:
    await visit.page.get_by_role("link", name="dimostrativo").click()


async def _open_anomalies(visit: Visit) -> None:
    await _open_provider(visit)
    await visit.page.locator("summary").click()


async def _choose_citizen(visit: Visit) -> None:
    await _open_provider(visit)
    await visit.page.get_by_role("button", name=LONG.name).click()


async def _open_provider_directly(visit: Visit) -> None:
    await visit.page.goto(f"{visit.place.idp_url}/sso?SAMLRequest=x")


async def _open_questions(visit: Visit) -> None:
    for summary in await visit.page.locator("#domande summary").all():
        await summary.click()


STATES: dict[str, State] = {
    # First, as they show the whole log and all figures.
    "desk-log": State("/presidio/registro", before=_read_the_log),
    "desk-figures": State("/presidio/numeri?month=2026-02", before=_count),
    "desk-deliveries": State("/presidio/consegne", before=_wait_at_desk),
    "desk-start": State("/presidio", before=_sit_at_desk),
    "desk-request": State("/presidio", before=_sit_at_desk, then=_look_at_request),
    "desk-request-errors": State("/presidio", before=_sit_at_desk, then=_forward_nowhere),
    "desk-unanswered": State("/presidio/senza-risposta", before=_look_at_unanswered),
    "desk-notices": State("/presidio/avvisi", before=_have_no_notice, then=_publish),
    "desk-notices-errors": State("/presidio/avvisi", before=_have_no_notice, then=_publish_nothing),
    "desk-structures": State("/presidio/strutture", before=_sit_at_desk),
    "desk-structure": State("/presidio/strutture/asp_trapani/technical", before=_hold_at_desk),
    "desk-examples": State(ONE_SENTENCE, before=_sit_at_desk),
    "desk-examples-chosen": State(ONE_SENTENCE, before=_sit_at_desk, then=_choose_sentence),
    "desk-examples-errors": State(ONE_SENTENCE, before=_sit_at_desk, then=_choose_no_intent),
    "home": State("/"),
    "login": State("/accedi"),
    "login-after-expiry": State("/accedi", AGATA, before=_expire),
    "login-refused": State("/spid/login?idp=x"),
    "regulation": State("/regolamento"),
    "privacy": State("/privacy"),
    "legal": State("/note-legali"),
    "accessibility": State("/accessibilita"),
    "assistance-before-login": State("/assistenza"),
    "mailbox": State("/demo/mailbox", before=_make_mail),
    "portal": State("/portale", AGATA),
    "portal-long-name": State("/portale", LONG),
    "booking": State("/prenota", AGATA),
    "booking-structure": State("/prenota?structure=ao_villa_sofia_cervello", AGATA),
    "form": State("/assistenza", AGATA),
    "form-long-name": State("/assistenza?structure=ao_villa_sofia_cervello", LONG),
    "form-questions": State("/assistenza", AGATA, then=_open_questions),
    "form-errors": State("/assistenza", AGATA, then=_send_empty),
    "form-optional": State("/assistenza", AGATA, then=_send_wrong_optional),
    "form-files": State("/assistenza", AGATA, then=_choose_files),
    "form-without-address": State("/assistenza", WITHOUT_ADDRESS),
    "form-expired": State("/assistenza", AGATA, then=_send_when_expired),
    "form-kept": State("/assistenza", AGATA, then=_log_in_after_expiry),
    "form-other-person": State("/assistenza", AGATA, then=_send_as_another),
    "form-database-down": State("/assistenza", AGATA, then=_send_without_database),
    "receipt": State("/assistenza", AGATA, then=_send),
    "receipt-added": State("/assistenza", AGATA, then=_add),
    "receipt-add-error": State("/assistenza", AGATA, then=_add_too_little),
    "receipt-withdrawn": State("/assistenza", AGATA, then=_withdraw),
    "rating": State("/assistenza", AGATA, then=_rate),
    "rating-too-long": State("/assistenza", AGATA, then=_explain_at_length),
    "rated": State("/assistenza", AGATA, then=_explain),
    "requests-none": State("/richieste", AGATA),
    "requests": State("/richieste", LONG, before=_make_requests),
    "requests-forwarded": State("/richieste", LONG, before=_make_forwarded),
    "forward": State("/", then=_open_link),
    "forward-files": State("/", then=_open_link_with_files),
    "forward-marked": State("/", then=_mark),
    "forward-errors": State("/", then=_forward_empty),
    "forward-office-had-it": State("/", then=_forward_again),
    "forwarded": State("/", then=_forward),
    "question": State("/", then=_open_question),
    "question-answered": State("/", then=_say_no),
    "address": State("/recapito", AGATA),
    "address-none": State("/recapito", WITHOUT_ADDRESS),
    "address-wrong": State("/recapito", AGATA, then=_type_wrong_address),
    "address-code": State("/recapito", AGATA, then=_ask_code),
    "address-code-wrong": State("/recapito", AGATA, then=_type_wrong_code),
    "session-ending": State("/portale", AGATA, then=_warned(seen_at=IDLE_LIMIT - 150)),
    "session-last": State("/portale", AGATA, then=_warned(created_at=ABSOLUTE_LIMIT - 100)),
    "session-expired": State("/assistenza", AGATA, then=_warned(seen_at=IDLE_LIMIT + 1)),
    "session-notice": State("/richieste", AGATA, then=_stay_after_expiry),
    "error-422": State("/assistenza", AGATA, then=_posted("/valutazione", rating="\0")),
    "error-401": State("/", then=_posted("/recapito", email="a@example.it")),
    "error-403": State("/portale", AGATA, then=_come_from_elsewhere),
    "error-404": State("/pagina-che-non-esiste"),
    "error-405": State("/esci"),
    "error-410": State("/", then=_open_old_link),
    "error-413": State("/portale", AGATA, then=_posted("/valutazione", rating="x" * 300_000)),
    "error-429": State("/recapito", AGATA, then=_ask_too_many_codes),
    "error-500": State(BROKEN, AGATA),
    "error-503": State("/richieste", AGATA, then=_lose_database),
    "provider": State("/accedi", then=_open_anomalies),
    "provider-consent": State("/accedi", then=_choose_citizen),
    "provider-problem": State("/accedi", then=_open_provider_directly),
}
