"""Another administration's files and no other change: its name, colours, structures, mailboxes."""

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from lxml import html

from intercup.administration import ICONS
from intercup.db.engine import Database
from intercup.domain.request import Citizen
from intercup.settings import REGISTERED
from tests.support.paths import ROOT
from tests.support.ports import free_port
from tests.support.web_service import FIELDS, Browser

LIMIT = 60.0  # seconds
PARTS = ("web", "demo", "worker")
OTHERS = ("intercup", "sicilia")
# Of SPID's registration, which intercup.toml holds, nothing is on a page.
PAGES = ("/accedi", "/privacy", "/note-legali", "/accessibilita", "/regolamento", "/assistenza")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Run the service's parts with the example's files; give its address and data folder."""
    port = free_port()
    environment = os.environ | {
        "INTERCUP_ADMINISTRATION_FILE": "config/examples/administration.yaml",
        "INTERCUP_STRUCTURES_FILE": "config/examples/structures.yaml",
        "INTERCUP_DATA_DIR": str(tmp_path),
        "INTERCUP_HTTP_PORT": str(port),
        "INTERCUP_DEMO_SMTP_PORT": str(free_port()),
        "INTERCUP_DEMO_IDP_PORT": str(free_port()),
        "INTERCUP_RASA_SECRET": "x",
        "INTERCUP_SENTENCE_LEGAL_BASIS": "Regolamento regionale n. 12, articolo 9",
        "INTERCUP_SENTENCE_NOTICE": "Informativa del 3 marzo 2027",
    }
    command = [sys.executable, "-m", "intercup.commands.main"]
    subprocess.run([*command, "migrate"], env=environment, cwd=ROOT, check=True)
    running = [subprocess.Popen([*command, part], env=environment, cwd=ROOT) for part in PARTS]
    yield f"http://127.0.0.1:{port}", tmp_path
    for process in running:
        process.terminate()
    for process in running:
        process.wait(LIMIT)


async def until_it_answers(browser: Browser) -> None:
    deadline = time.monotonic() + LIMIT
    while True:
        try:
            async with browser.get("/live"):
                return
        except aiohttp.ClientError:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)


def others_in(text: str) -> list[str]:
    return [word for word in OTHERS if word in text.casefold()]


def test_the_registration_takes_its_name_and_names_what_is_still_anothers(
    tmp_path: Path,
) -> None:
    environment = os.environ | {
        "INTERCUP_ADMINISTRATION_FILE": "config/examples/administration.yaml",
        "INTERCUP_STRUCTURES_FILE": "config/examples/structures.yaml",
        "INTERCUP_DATA_DIR": str(tmp_path),
        "INTERCUP_SPID_ORGANIZATION_NAME": "Regione Trasimeno",
    }

    def said_by(*arguments: str) -> str:
        command = [sys.executable, "-m", "intercup.commands.main", *arguments]
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
        return done.stdout

    said_by("spid", "certificate")
    metadata = said_by("spid", "metadata")
    assert ">PrenoTras</md:ServiceName>" in metadata
    assert "InterCup" not in metadata
    noted = re.findall(
        r"da completare: (\w+): è ancora quello di un altro ente", said_by("check-config")
    )
    assert [*noted] == [f"INTERCUP_{name.upper()}" for name in REGISTERED[1:]]


def files_in(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


async def mails_in(folder: Path) -> list[bytes]:
    """Return the mails that the demo's catcher has taken, once there are some."""
    deadline = time.monotonic() + LIMIT
    while not (found := files_in(folder)):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
    return found


async def test_another_administration_needs_no_change_of_code(place: tuple[str, Path]) -> None:
    url, folder = place
    database = Database(f"sqlite+aiosqlite:///{folder / 'intercup.db'}")
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        browser = Browser(session, url, database)
        await until_it_answers(browser)
        await browser.log_in(Citizen("person-1", "Ada", "Laghi", "ada@example.it"))
        for path in PAGES:
            async with browser.get(path) as response:
                page = await response.text()
            assert "PrenoTras" in page and "Regione Trasimeno" in page, path
            assert others_in(page.replace("intercup-assistenza", "widget")) == [], path
            assert "placeholder-text" not in page, path
        async with browser.get("/privacy", headers={"Accept-Language": "fr, en;q=0.5"}) as response:
            page = await response.text()
        assert '<bdi lang="it">Visite ed esami nel Trasimeno</bdi>' in page, "nobody translated it"
        assert 'lang="en"' in page and "6 mesi" in page and "36 mesi" in page
        assert set(re.findall(r"lingua=(\w+)", page)) == {"it", "en"}
        async with browser.get("/amministrazione/colori.css") as response:
            assert "--primary: #00573d" in await response.text()
        async with browser.get("/amministrazione/logo.svg") as response:
            assert response.content_type == "image/svg+xml"
        async with browser.get("/accedi") as response:
            head = html.document_fromstring(await response.text()).head
        shown = head.xpath(
            "link[contains(@rel, 'icon')]/@href | meta[@property='og:image']/@content"
        )
        assert {urlsplit(each).path.rpartition("/")[2] for each in shown} == {*ICONS}
        for address in shown:
            parts = urlsplit(address)
            async with browser.get(f"{parts.path}?{parts.query}") as response:
                own = ROOT / "config/examples/icons" / parts.path.rpartition("/")[2]
                assert await response.read() == own.read_bytes(), address
        chat = await browser.open_chat("portal")
        assert "PrenoTras" in chat["messages"][0]["text"]
        async with browser.send_form(FIELDS | {"structure": "ospedale_lago"}) as response:
            assert response.status == 200, await response.text()
        raw = (await mails_in(folder / "mailbox"))[0]
    await database.close()
    mail = message_from_bytes(raw, policy=default)
    assert mail["To"] == "tecnici@ospedale-lago.example"
    assert mail["From"].addresses[0].display_name == "PrenoTras Assistenza"
    assert mail["Subject"].startswith("[PrenoTras] ")
    body = mail.get_body().get_content()  # type: ignore[attr-defined]
    assert "della Regione Trasimeno" in body
    assert others_in(body) == []
