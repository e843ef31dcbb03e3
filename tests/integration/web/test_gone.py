"""Requests whose category and structure have left the file since: shown and passed on still."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from intercup.db.engine import Database
from intercup.domain.directory import Directory
from intercup.services.structures import structures as structures_module
from intercup.services.structures.structures import Structures
from intercup.texts import TEXTS
from tests.support.forwarding import TRAPANI, Offices, body_of
from tests.support.made_requests import AGATA, submission, submit
from tests.support.paths import ROOT
from tests.support.smtp_servers import MailCatcher
from tests.support.web_service import running_service


async def test_lists_and_forwards_say_that_it_is_gone(
    sqlite_url: str, directory: Directory, tmp_path: Path, mail_catcher: MailCatcher
) -> None:
    database = Database(sqlite_url)
    await database.migrate()
    await submit(database, directory, submission(category="technical", structure="ao_papardo"))
    smaller = replace(
        directory,
        structures=tuple(s for s in directory.structures if s.id != "ao_papardo"),
        categories=tuple(c for c in directory.categories if c.id != "technical"),
    )
    async with (
        running_service(database, smaller, tmp_path) as service,
        service.browser(AGATA) as browser,
    ):
        offices = Offices(browser, smaller, mail_catcher)
        await offices.deliver()
        link = offices.link_of(directory.structure_by_id["ao_papardo"].technical[0])
        for path in ("/richieste", link):
            async with browser.get(path) as response:
                page = await response.text()
            assert response.status == 200
            assert TEXTS("gone.category") in page
        mail_catcher.mails.clear()
        status, _ = await offices.forward(link, "technical", "asp_trapani")
        assert status == 200
        (forwarded,) = offices.mails_to(TRAPANI)
        assert TEXTS("gone.structure") in " ".join(body_of(forwarded).split())


async def test_a_structure_renamed_while_the_service_runs_is_shown_at_once(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(structures_module, "CHECK_EVERY", 0.05)
    text = (ROOT / "config" / "structures.yaml").read_text("utf-8")
    file = tmp_path / "structures.yaml"
    file.write_text(text, "utf-8")
    async with (
        running_service(database, Structures.load(file), tmp_path) as service,
        service.browser(AGATA) as browser,
    ):
        file.write_text(text.replace("name: ASP Trapani", "name: ASP Nuova Trapani"), "utf-8")
        page = ""
        for _ in range(200):
            async with browser.get("/assistenza") as response:
                page = await response.text()
            if "ASP Nuova Trapani" in page:
                break
            await asyncio.sleep(0.05)
        assert "ASP Nuova Trapani" in page
