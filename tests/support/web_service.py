"""The whole web service on loopback, and a stand-in for Rasa that answers over real HTTP."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4
from zlib import crc32

import aiohttp
from aiohttp import web, web_app
from aiohttp.test_utils import TestServer
from yarl import URL

from intercup.db.engine import Database
from intercup.domain.consent import PRIVACY, REGULATION
from intercup.domain.directory import Directory
from intercup.domain.request import Citizen
from intercup.identity.certificate import create_key_and_certificate
from intercup.services.ids import hash_of
from intercup.services.login.sessions import log_in
from intercup.services.structures.structures import Structures
from intercup.services.structures.structures_file import document_of
from intercup.settings import Settings
from intercup.succession import Succession
from intercup.web.app import create_app
from intercup.web.server import OPEN_FILES, serving
from tests.support.made_requests import TEXT
from tests.support.paths import ROOT
from tests.support.ports import free_port

RASA_PATIENCE = 5.0  # seconds
# The plain form, filled in.
FIELDS = {
    "category": "technical",
    "structure": "ao_papardo",
    "description": TEXT,
    "privacy": PRIVACY.version,
    "regulation": REGULATION.version,
    "submission_key": "chiave-del-modulo",
}


@dataclass
class Browser:
    """A browser at the service, with a browser's cookies and headers."""

    session: aiohttp.ClientSession
    base_url: str
    database: Database

    def get(self, path: str, **more: Any) -> Any:
        return self.session.get(self.base_url + path, allow_redirects=False, **more)

    def post(self, path: str, **more: Any) -> Any:
        headers = {"Origin": self.base_url} | more.pop("headers", {})
        headers = {name: value for name, value in headers.items() if value is not None}
        more = {"allow_redirects": False} | more
        return self.session.post(self.base_url + path, headers=headers, **more)

    def send_form(self, fields: dict[str, str]) -> Any:
        """Send the plain form, and follow to the receipt."""
        headers = {"Origin": self.base_url}
        return self.session.post(f"{self.base_url}/assistenza", data=fields, headers=headers)

    async def log_in(self, citizen: Citizen, old_hash: str | None = None) -> None:
        cookie = await log_in(self.database, old_hash, citizen, time.time())
        self.session.cookie_jar.update_cookies({"intercup": cookie}, URL(self.base_url))

    async def log_in_again(self, citizen: Citizen) -> None:
        """Log in from the browser's present session, as after its expiry."""
        old = next(c.value for c in self.session.cookie_jar if c.key == "intercup")
        await self.log_in(citizen, hash_of(old))

    async def open_chat(self, page: str = "home") -> dict[str, Any]:
        async with self.get(f"/chat/session?page={page}") as response:
            body: dict[str, Any] = await response.json()
            return body

    async def say(self, text: str, id_: str | None = None) -> tuple[int, dict[str, Any]]:
        return await self.send({"id": id_ or str(uuid4()), "text": text})

    async def press(self, payload: str, id_: str | None = None) -> tuple[int, dict[str, Any]]:
        return await self.send({"id": id_ or str(uuid4()), "payload": payload})

    async def send(self, body: Any) -> tuple[int, dict[str, Any]]:
        async with self.post("/chat/messages", json=body) as response:
            return response.status, await response.json()


@dataclass
class Service:
    """A running service."""

    base_url: str
    database: Database
    settings: Settings

    @asynccontextmanager
    async def browser(self, citizen: Citizen | None = None) -> AsyncIterator[Browser]:
        jar = aiohttp.CookieJar(unsafe=True)  # loopback has no name
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            browser = Browser(session, self.base_url, self.database)
            if citizen:
                await browser.log_in(citizen)
            yield browser


@asynccontextmanager
async def running_service(
    database: Database,
    directory: Directory | Structures,
    data_dir: Path,
    rasa_url: str | None = None,
    **more: Any,
) -> AsyncIterator[Service]:
    """Serve; without `rasa_url` nothing listens at Rasa's address."""
    port = more.pop("http_port", None) or free_port()
    base = more.pop("base", "")
    base_url = more.pop("base_url", f"http://127.0.0.1:{port}")
    settings = Settings(
        http_port=port,
        base_url=base_url,
        data_dir=data_dir,
        rasa_url=rasa_url or f"http://127.0.0.1:{free_port()}",
        rasa_timeout=RASA_PATIENCE,
        **more,
    )
    structures = directory
    if isinstance(structures, Directory):
        structures = Structures(structures, document=document_in_tests())
    keep_keys(settings)
    app = create_app(settings, database, structures, base)
    listening = Succession(settings.http_host, settings.http_port).listening
    async with serving(app, settings, OPEN_FILES, listening):
        yield Service(base_url, database, settings)
    # aiohttp keeps every application that has served; the collector would search them all.
    web_app._cached_build_middleware.cache_clear()


def keep_keys(settings: Settings) -> None:
    """Put the demo's key where it would make one, as after its first start: that takes 0.12 s."""
    files = (settings.spid_key_file, settings.spid_certificate_file)
    for file, text in zip(files, _keys(), strict=True):
        if file and not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)
            file.write_text(text, "ascii")


@cache
def _keys() -> tuple[str, str]:
    return create_key_and_certificate("sp", "sp", "http://127.0.0.1", "demo", "Palermo", 30)


@cache
def document_in_tests() -> Any:
    """The file behind the fixture `directory`; nothing changes it."""
    return document_of(ROOT / "config" / "structures.yaml")


@dataclass
class StandInRasa:
    """Answers every message with `replies` and records the calls; `None` makes it fail.

    `failures` replace the answers to the next messages; `None` among them is no answer within the
    gateway's timeout.
    """

    url: str = ""
    replies: list[dict[str, Any]] | None = field(default_factory=lambda: [{"text": "Va bene."}])
    failures: list[tuple[int, str] | None] = field(default_factory=list)
    got: list[dict[str, Any]] = field(default_factory=list)
    reading: list[dict[str, Any]] = field(default_factory=list)  # of any text that is only parsed
    seconds: float = 0.0  # duration of an answer
    at_work: int = 0
    most_at_work: int = 0

    async def answer(self, request: web.Request) -> web.Response:
        got = await request.json()
        if got["sender"].startswith("probe-"):
            return web.json_response(self.replies or [])
        self.got.append(got)
        self.at_work += 1
        self.most_at_work = max(self.at_work, self.most_at_work)
        try:
            return await self._answer()
        finally:
            self.at_work -= 1

    async def parse(self, _request: web.Request) -> web.Response:
        return web.json_response(self.reading)

    async def explain(self, request: web.Request) -> web.Response:
        """Read every text alike; its vector tells its words, so that like texts are near."""
        words = {crc32(word.encode()) % 256 for word in (await request.json())["text"].split()}
        vector = [float(number in words) for number in range(256)]
        ranking = [["report_access_problem", 0.8], ["faq/spid", 0.1]]
        answer = {"ranking": ranking, "doubtful": False, "vector": vector, "model": "0a1b2c3d"}
        return web.json_response(answer, status=503 if self.replies is None else 200)

    async def _answer(self) -> web.Response:
        await asyncio.sleep(self.seconds)
        if self.failures:
            failure = self.failures.pop(0)
            if failure is None:
                await asyncio.sleep(RASA_PATIENCE + 1)
            status, text = failure or (200, "")
            return web.Response(status=status, text=text, content_type="application/json")
        if self.replies is None:
            return web.json_response([])
        return web.json_response(self.replies)


@asynccontextmanager
async def stand_in_rasa() -> AsyncIterator[StandInRasa]:
    rasa = StandInRasa()

    app = web.Application()
    app.router.add_post("/webhooks/rest/webhook", rasa.answer)
    app.router.add_post("/webhooks/rest/parse", rasa.parse)
    app.router.add_post("/webhooks/rest/explain", rasa.explain)
    server = TestServer(app)
    await server.start_server()
    rasa.url = f"http://127.0.0.1:{server.port}"
    try:
        yield rasa
    finally:
        await server.close()
