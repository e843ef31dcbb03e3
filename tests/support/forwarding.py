"""An office that forwards: it reads its mail, opens the link and sends the form."""

import re
import time
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from intercup.db.engine import Database
from intercup.db.tables import Base, Cell
from intercup.domain.directory import Directory
from intercup.domain.request import RegisteredRequest
from intercup.mail.smtp_address import SmtpAddress
from intercup.services.delivery.deliver import deliver_due
from intercup.services.tuning.sentence_seal import SentenceSeal
from tests.support.made_requests import submission, submit
from tests.support.smtp_servers import Caught, MailCatcher
from tests.support.web_service import Browser

RTI = "InterCupassistenza@almaviva.it"
TRAPANI = "cup@asptrapani.it"
FIRST_LINE = "Si inoltra comunicazione ricevuta per competenza"
_LINK = re.compile(r"^\S+(/inoltra/\S+)$", re.MULTILINE)
_FORM_KEY = re.compile(r'name="form_key" value="([^"]+)"')


@dataclass
class Offices:
    """The mail of all offices, and a browser without login."""

    browser: Browser
    directory: Directory
    catcher: MailCatcher
    keys: dict[str, str] = field(default_factory=dict)
    seal: SentenceSeal | None = None  # of the requests' files

    @property
    def database(self) -> Database:
        return self.browser.database

    async def receive(self, category: str = "platform", **more: Any) -> RegisteredRequest:
        """Let a citizen's request arrive."""
        more.setdefault("structure", None if category == "platform" else "asp_trapani")
        registered = await submit(self.database, self.directory, submission(None, category, **more))
        await self.deliver()
        return registered

    async def deliver(self) -> None:
        relay = SmtpAddress.parse(self.catcher.url)
        later = time.time() + 1
        await deliver_due(self.database, relay, "worker", lambda: later, seal=self.seal)

    def mails_to(self, address: str) -> list[Caught]:
        return [mail for mail in self.catcher.mails if mail.rcpt == [address]]

    def link_of(self, address: str) -> str:
        """The path of the link in the newest mail to an office."""
        return link_in(self.mails_to(address)[-1])

    async def look(self, link: str) -> tuple[int, str]:
        async with self.browser.get(link) as response:
            text = await response.text()
            if found := _FORM_KEY.search(text):
                self.keys.setdefault(link, found[1])
            return response.status, text

    async def forward(self, link: str, destination: str, structure: str = "", **more: Any) -> Any:
        """Open the page, send its form and return the answer's status and text."""
        if link not in self.keys:
            await self.look(link)
        fields = {
            "destination": destination,
            "structure": structure,
            "note": "",
            "form_key": self.keys.get(link, ""),
        }
        async with self.browser.post(link, data=fields | more, allow_redirects=True) as response:
            status, text = response.status, await response.text()
        await self.deliver()
        return status, text

    async def mark(self, link: str, state: str) -> tuple[int, str]:
        """Press a button for the state; return the answer's status and text."""
        path, fields = f"{link}/stato", {"state": state}
        async with self.browser.post(path, data=fields, allow_redirects=True) as response:
            return response.status, await response.text()


def link_in(mail: Caught) -> str:
    found = _LINK.findall(body_of(mail))
    assert len(found) == 1
    return str(found[0])


def body_of(mail: Caught) -> str:
    return str(mail.message.get_body().get_content()).replace("\r\n", "\n")  # type: ignore[union-attr]


async def all_rows(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """The whole database, table by table, but the signs that the web gives of itself meanwhile."""
    async with database.read() as session:
        return {
            table.name: sorted(map(tuple, await session.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
            if table.name != Cell.__tablename__
        }
