"""The page of an office's link in a real browser: with and without JavaScript, wide and narrow."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from intercup.db.engine import Database
from intercup.domain.directory import Directory
from intercup.mail.smtp_address import SmtpAddress
from intercup.services.delivery.deliver import deliver_due
from tests.support.browser.page_reader import assert_fits
from tests.support.browser.photographs import photograph
from tests.support.forwarding import RTI, TRAPANI, link_in
from tests.support.made_requests import submission, submit
from tests.support.smtp_servers import MailCatcher, running_catcher
from tests.support.web_service import running_service

WIDTHS = {"wide": 1280, "narrow": 360}


@dataclass
class Office:
    """An office with its mail and where the service is."""

    url: str
    database: Database
    catcher: MailCatcher

    async def deliver(self) -> None:
        relay = SmtpAddress.parse(self.catcher.url)
        await deliver_due(self.database, relay, "worker", lambda: time.time() + 1)

    def link(self) -> str:
        return self.url + link_in(next(m for m in self.catcher.mails if m.rcpt == [RTI]))


@pytest.fixture
async def office(directory: Directory, tmp_path: Path) -> AsyncIterator[Office]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'intercup.db'}")
    await database.migrate()
    async with (
        running_service(database, directory, tmp_path) as service,
        running_catcher() as catcher,
    ):
        office = Office(service.base_url, database, catcher)
        await submit(database, directory, submission(None, "platform", "asp_trapani"))
        await office.deliver()
        yield office


@pytest.mark.parametrize("width", WIDTHS)
async def test_an_office_forwards_with_its_link_only(
    office: Office, browser: Browser, width: str
) -> None:
    """On the narrow screen without JavaScript. The page hides its origin from the form it sends."""
    size = ViewportSize(width=WIDTHS[width], height=900)
    context = await browser.new_context(
        viewport=size, locale="it-IT", java_script_enabled=width == "wide"
    )
    page = await context.new_page()
    await page.goto(office.link())
    await _look(page, "form")
    await page.get_by_role("button", name="Presa in carico").click()
    await expect(page.get_by_role("main")).to_contain_text("Segnato: Presa in carico.")
    await _look(page, "marked")
    button = page.get_by_role("button", name="Inoltra la richiesta")
    await button.click()
    await expect(page.get_by_role("alert")).to_contain_text("Ci sono 2 dati da correggere")
    await _look(page, "errors")
    await page.get_by_label("Assistenza tecnica di una struttura").check()
    await page.get_by_label("Struttura competente").select_option("ASP Trapani")
    await page.get_by_label("Nota per il nuovo ufficio").fill("Riguarda la prenotazione.")
    await button.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Richiesta inoltrata")
    await _look(page, "forwarded")
    await page.goto(office.link())
    await expect(page.get_by_role("main")).to_contain_text("già stata inoltrata")
    await _look(page, "already-forwarded")
    await office.deliver()
    assert [TRAPANI] in [mail.rcpt for mail in office.catcher.mails]
    await context.close()


async def _look(page: Page, name: str) -> None:
    await page.wait_for_load_state()
    await photograph(page, name, whole=True)
    await assert_fits(page, name)
