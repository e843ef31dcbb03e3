"""A victim with data of every kind in the database, and browsers of possible intruders."""

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default as default_policy
from typing import Any
from uuid import uuid4

from sqlalchemy import select, text, update

from intercup.db.engine import Database
from intercup.db.tables import (
    Addition,
    AddressProof,
    Attachment,
    BrowserSession,
    ChatMessage,
    Consent,
    Conversation,
    Delivery,
    Request,
)
from intercup.domain.attachment import CleanFile, FileKind
from intercup.domain.consent import PRIVACY, REGULATION
from intercup.domain.request import Citizen
from intercup.services.attachments.store import (
    FileDraft,
    file_seal,
    keep_file,
    waiting_files,
)
from intercup.services.ids import hash_of
from intercup.services.login.session_expiry import ABSOLUTE_LIMIT, IDLE_LIMIT
from tests.support.web_service import Browser, Service

VICTIM = Citizen("person-vittima", "Virginia", "Segretissima", "virginia.segreta@example.it")
CHAT_SECRET = "nella chat un segreto di Virginia"
FORM_SECRET = "nella richiesta un segreto di Virginia"
ADDED_SECRET = "in un'aggiunta un segreto di Virginia"
FILE_SECRET = "segreto di Virginia.png"
KEPT_SECRET = "nel modulo un segreto di Virginia"
NEW_ADDRESS = "virginia.nuova@example.it"
# The rows of a victim, in SQL: made by the ORM they would take a fifth of these tests' time.
ROWS = {
    table.__tablename__: text(f"SELECT * FROM {table.__tablename__} WHERE {condition}")  # noqa: S608
    for table, condition in (
        (BrowserSession, "person_key = :person"),
        (Conversation, "person_key = :person"),
        (ChatMessage, "conversation_id = :conversation"),
        (Request, "person_key = :person"),
        (Consent, "request_number = :number"),
        (Addition, "request_number = :number"),
        (Attachment, "session_hash = :session"),
        (Delivery, "recipient IN (:email, :new_email) OR request_number = :number"),
        (AddressProof, "email IN (:email, :new_email)"),
    )
}
STATES = ("nobody", "other", "idle", "absolute", "logged_out")


@dataclass
class Victim:
    """A victim's secrets, and the ids by which others could find them."""

    service: Service
    cookie: str
    message_id: str
    conversation: str
    submission_key: str
    file: str
    number: str
    code: str
    secrets: tuple[str, ...] = field(default=())

    @property
    def database(self) -> Database:
        return self.service.database

    async def rows(self) -> dict[str, list[dict[str, Any]]]:
        """The victim's rows in the database."""
        of = {
            "person": VICTIM.person_key,
            "conversation": self.conversation,
            "number": self.number,
            "session": hash_of(self.cookie),
            "email": VICTIM.email,
            "new_email": NEW_ADDRESS,
        }
        async with self.database.read() as reading:
            return {
                table: [dict(row) for row in (await reading.execute(rows, of)).mappings()]
                for table, rows in ROWS.items()
            }

    async def set_session(self, **values: float) -> None:
        async with self.database.write() as writing:
            await writing.execute(
                update(BrowserSession)
                .where(BrowserSession.id_hash == hash_of(self.cookie))
                .values(**values)
            )

    async def enter(self, state: str) -> None:
        """Put the victim's session into a state."""
        now = time.time()
        if state == "idle":
            await self.set_session(seen_at=now - IDLE_LIMIT - 60)
        elif state == "absolute":
            await self.set_session(created_at=now - ABSOLUTE_LIMIT - 60, seen_at=now)
        elif state == "logged_out":
            await self.set_session(created_at=now, seen_at=now)
            async with self.service.browser() as browser:
                headers = {"Cookie": f"intercup={self.cookie}"}
                async with browser.post("/esci", headers=headers) as response:
                    assert response.status == 303


async def settle(service: Service) -> Victim:
    """Let the victim chat, send a request, leave another one unsent, and ask for a code."""
    async with service.browser(VICTIM) as browser:
        cookie = next(c.value for c in browser.session.cookie_jar)
        chat = await browser.open_chat("portal")
        message_id = str(uuid4())
        await browser.say(CHAT_SECRET, message_id)
        key = "chiave-di-virginia"
        number = await _send_form(browser, key)
        more = {"kind": "more", "addition": ADDED_SECRET}
        async with browser.post(f"/richieste/{number}", data=more) as response:
            assert response.status == 303
        fields = {"description": KEPT_SECRET, "submission_key": "altra-chiave", "next": "address"}
        async with browser.post("/assistenza", data=fields) as response:
            assert response.status == 303
        async with browser.post("/recapito", data={"email": NEW_ADDRESS}) as response:
            assert response.status == 303
    draft = FileDraft(hash_of(cookie), VICTIM.person_key, "altra-chiave")
    clean = CleanFile(FILE_SECRET, FileKind.PNG, b"segreto")
    await keep_file(service.database, file_seal(b"chiave"), draft, clean, time.time())
    async with service.database.read() as reading:
        (file,) = await waiting_files(reading, draft)
    secrets = (
        *("Virginia", "Segretissima", VICTIM.email, NEW_ADDRESS, VICTIM.person_key, number),
        *(
            CHAT_SECRET,
            FORM_SECRET,
            KEPT_SECRET,
            ADDED_SECRET,
            FILE_SECRET,
            chat["conversation"],
            cookie,
        ),
    )
    code = await code_sent_to(service.database, NEW_ADDRESS)
    return Victim(
        *(service, cookie, message_id, chat["conversation"], key, file.id, number, code),
        (*secrets, code),
    )


async def _send_form(browser: Browser, key: str) -> str:
    async with browser.send_form(form(key, FORM_SECRET)) as response:
        found = re.search(r"IC-\w{4}-\w{4}-\w{4}", await response.text())
    assert found
    return found[0]


def form(key: str, description: str) -> dict[str, str]:
    """A complete form."""
    return {
        "category": "technical",
        "structure": "ao_papardo",
        "description": description,
        "privacy": PRIVACY.version,
        "regulation": REGULATION.version,
        "submission_key": key,
    }


async def code_sent_to(database: Database, address: str) -> str:
    """Return the code in the newest mail to an address."""
    async with database.read() as reading:
        raw = await reading.scalar(
            select(Delivery.raw)
            .where(Delivery.recipient == address, Delivery.role == "code")
            .order_by(Delivery.id.desc())
            .limit(1)
        )
    assert raw
    body = message_from_bytes(raw, policy=default_policy).get_content()
    found = re.search(r"codice è: (\d{6})\s", body)
    assert found
    return found[1]


@asynccontextmanager
async def intruder(victim: Victim, state: str, other: Citizen) -> AsyncIterator[Browser]:
    """A browser in one of the states: without cookie, another's own, or the victim's ended one."""
    async with victim.service.browser(other if state == "other" else None) as browser:
        if state == "other":
            await browser.open_chat("portal")
        elif state != "nobody":
            browser.session.headers["Cookie"] = f"intercup={victim.cookie}"
        yield browser
