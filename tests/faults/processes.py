"""Real processes of the service on loopback, and a citizen who sends requests to them."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import aiohttp
from sqlalchemy import func, select, update

from intercup.db.engine import Database
from intercup.db.tables import Attachment, AttachmentContent, Consent, Delivery, Request
from intercup.services.login.sessions import log_in
from tests.support.made_requests import AGATA, TEXT
from tests.support.paths import ROOT
from tests.support.ports import free_port
from tests.support.web_service import FIELDS

PATIENCE = 60.0  # seconds for a process to start, stop or die on a busy machine
NUMBER = re.compile(r"IC-\w{4}-\w{4}-\w{4}")
ROWS = 2  # deliveries of a request to ASP Trapani: one office, one copy
REQUEST = {"category": "technical", "structure": "asp_trapani", "description": TEXT}


@dataclass
class Place:
    """The processes' folder, settings and command lines."""

    folder: Path
    smtp_port: int
    database_url: str = ""
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.database_url = self.database_url or f"sqlite+aiosqlite:///{self.folder}/intercup.db"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "INTERCUP_DATA_DIR": str(self.folder),
            "INTERCUP_DATABASE_URL": self.database_url,
            "INTERCUP_HTTP_PORT": str(self.port),
            "INTERCUP_SMTP_URL": f"smtp://127.0.0.1:{self.smtp_port}",
            "INTERCUP_RASA_URL": "http://127.0.0.1:1",
            "INTERCUP_REQUESTS_PER_HOUR": "100000",
            "INTERCUP_REQUESTS_PER_DAY": "100000",
            "INTERCUP_REQUESTS_PER_HOUR_IP": "100000",
            "INTERCUP_REQUESTS_PER_DAY_IP": "100000",
        }

    def start(
        self, *module: str, before: Sequence[str] = (), **more: str
    ) -> subprocess.Popen[bytes]:
        """Start `python -m module`, after the words of another command."""
        with (self.folder / f"{module[-1]}.log").open("ab") as log:
            return subprocess.Popen(
                [*before, sys.executable, "-m", *module],
                cwd=ROOT,
                env=os.environ | self.environment | more,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def start_web(
        self, *module: str, before: Sequence[str] = (), **more: str
    ) -> subprocess.Popen[bytes]:
        """Start the web and wait until it answers."""
        process = self.start(*(module or ("intercup.commands.main", "web")), before=before, **more)
        deadline = time.monotonic() + PATIENCE
        async with aiohttp.ClientSession() as http:
            while time.monotonic() < deadline and process.poll() is None:
                try:
                    async with http.get(f"{self.url}/health") as response:
                        if response.status == 200:
                            return process
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.05)
        end(process)
        raise AssertionError(self.log(module[-1] if module else "web"))

    def start_worker(self, before: Sequence[str] = (), **more: str) -> subprocess.Popen[bytes]:
        return self.start("intercup.commands.main", "worker", before=before, **more)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text("utf-8", "replace")


def end(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGKILL) -> None:
    """End a process and wait for it."""
    if process.poll() is None:
        process.send_signal(how)
    process.wait(PATIENCE)


@dataclass
class Citizen:
    """Sends requests and remembers every number that was shown."""

    place: Place
    cookie: str
    seen: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    waits: list[str | None] = field(default_factory=list)  # Retry-After of each answer
    files: tuple[bytes, ...] = ()  # of each request

    @classmethod
    async def of(cls, place: Place, database: Database, files: tuple[bytes, ...] = ()) -> "Citizen":
        return cls(place, await log_in(database, None, AGATA, time.time()), files=files)

    async def send(self, http: aiohttp.ClientSession, key: str | None = None) -> str | None:
        """Send the form and return the number shown; None when there is none."""
        fields = FIELDS | REQUEST | {"submission_key": key or str(uuid4())}
        headers = {"Origin": self.place.url, "Cookie": f"intercup={self.cookie}"}
        form = aiohttp.FormData(fields, default_to_multipart=bool(self.files))
        for file in self.files:
            form.add_field("files", BytesIO(file), filename="errore")
        async with http.post(
            f"{self.place.url}/assistenza", data=form, headers=headers, allow_redirects=False
        ) as got:
            self.statuses.append(got.status)
            self.waits.append(got.headers.get("Retry-After"))
            found = NUMBER.search(got.headers.get("Location", await got.text()))
            if got.status == 303 and found:
                self.seen.append(found[0])
                return found[0]
            assert found is None, "a number in an answer that says no"
        return None

    async def send_until(
        self, stopped: asyncio.Event, most: int, at_once: int = 3, pause: float = 0.0
    ) -> None:
        """Send requests, some at once, until told to stop or nobody answers."""
        left = most

        async def rounds() -> None:
            nonlocal left
            async with aiohttp.ClientSession() as http:
                while left > 0 and not stopped.is_set():
                    left -= 1
                    try:
                        async with asyncio.timeout(PATIENCE):
                            await self.send(http)
                    except aiohttp.ClientError:
                        return
                    await asyncio.sleep(pause)

        await asyncio.gather(*(rounds() for _ in range(at_once)))


async def lost(database: Database, numbers: Sequence[str]) -> list[str]:
    """Return the numbers that aren't stored with their consents and all their mails."""
    async with database.read() as session:
        stored = set(await session.scalars(select(Request.number)))
        mails = await session.execute(
            select(Delivery.request_number, func.count())
            .where(func.length(Delivery.raw) > 0)
            .group_by(Delivery.request_number)
        )
        consents = await session.execute(
            select(Consent.request_number, func.count()).group_by(Consent.request_number)
        )
        mails_of = {row[0]: row[1] for row in mails}
        consents_of = {row[0]: row[1] for row in consents}
    return [
        number
        for number in numbers
        if number not in stored or mails_of.get(number) != ROWS or consents_of.get(number) != 2
    ]


async def without_files(database: Database, count: int) -> list[str]:
    """Return the numbers of requests, seen or not, that haven't all their files."""
    whole = (
        select(Attachment.request_number)
        .join(AttachmentContent)
        .group_by(Attachment.request_number)
        .having(func.count() == count)
    )
    async with database.read() as session:
        kept = set(await session.scalars(whole))
        return [n for n in await session.scalars(select(Request.number)) if n not in kept]


async def end_leases(database: Database) -> None:
    """Let the time pass after which a dead worker's mails are another's."""
    async with database.write() as session:
        await session.execute(
            update(Delivery).where(Delivery.state == "sending").values(lease_until=0.0)
        )


async def until_delivered(database: Database, limit: float = PATIENCE) -> None:
    """Wait until every mail is sent."""
    waiting = select(func.count()).where(Delivery.state != "sent").select_from(Delivery)
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        async with database.read() as session:
            count = await session.scalar(waiting)
        if count == 0:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{count} mails still wait")
