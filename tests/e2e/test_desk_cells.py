"""The technical team's walks beside that of the sentence, in the whole service and several cells.

A mailbox corrected by two people and its held mail delivered; a notice set, seen by a citizen and
over. Each person is at another cell. `-m long -s` also prints the seconds of each step.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from intercup.domain.italian_time import ROME
from intercup.domain.staff import Role
from intercup.texts import TEXTS
from tests.support.browser.chat_panel import ChatPanel, a_context, log_in
from tests.support.browser.desk_pages import (
    Steps,
    enter_desk,
    look,
    open_part,
    press,
    reload_until,
)
from tests.support.chatting_citizen import ChattingCitizen
from tests.support.commands import run_command
from tests.support.delivering import OFFICE, until
from tests.support.running_cells import running_cells
from tests.support.running_service import RunningService
from tests.support.smtp_servers import Caught, MailCatcher
from tests.support.web_service import FIELDS

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

NEW = "nuovo@asptrapani.it"
NUMBER = re.compile(r"IC(?:-[0-9A-Z]{4}){3}")
CODE = re.compile(r"^ +(\d{6})\s*$", re.MULTILINE)
FIRST, SECOND, ROLES = "Niccolò D'Amico", "Żaneta", (Role.RELEASE, Role.DELIVERIES)
SECOND_CODE = "KWLZNT90E52Z127U"
SAID = "Il CUP di Trapani è fermo fino alle 14."
WHY = "Stiamo aggiornando l'assistente."
PATIENCE = 60.0  # seconds, on a busy machine
IN_FORCE_WITHIN = 5.0  # seconds, in every process of every cell
TOGETHER = timedelta(minutes=2)  # until the notice's end, of which the seconds are cut


@pytest.fixture(params=[1, 2], ids=["one cell", "two cells on PostgreSQL"])
async def cells(
    request: pytest.FixtureRequest, mail_catcher: MailCatcher
) -> AsyncIterator[list[RunningService]]:
    """The cells, whose mails the test's own server takes."""
    with running_cells(request.param, INTERCUP_SMTP_URL=mail_catcher.url) as running:
        for cell in running:
            await cell.until_healthy()
        yield running


@asynccontextmanager
async def at_desk(browser: Browser, cell: RunningService, name: str) -> AsyncIterator[Page]:
    async with a_context(browser) as context:
        context.set_default_timeout(PATIENCE * 1e3)
        page = await context.new_page()
        await enter_desk(page, cell.url, name)
        yield page


async def register(cell: RunningService) -> str:
    """Send a request to ASP Trapani by the plain form, and return its number."""
    fields = {name: value for name, value in FIELDS.items() if name != "submission_key"}
    async with ChattingCitizen(cell.url) as citizen:
        await citizen.log_in("Agata Lo Presti")
        return NUMBER.findall(await citizen.send_form(fields | {"structure": "asp_trapani"}))[0]


async def mail_to(catcher: MailCatcher, address: str, words: str) -> Caught:
    """Wait for a mail with these words in its subject or text."""

    def found() -> list[Caught]:
        return [mail for mail in catcher.mails if mail.rcpt == [address] and _has(mail, words)]

    await until(lambda: bool(found()), PATIENCE)
    return found()[0]


def _has(mail: Caught, words: str) -> bool:
    return words in f"{mail.message['Subject']}\n{mail.message.get_content()}"


async def test_two_people_correct_a_mailbox_and_its_held_mail_arrives(
    cells: list[RunningService], browser: Browser, mail_catcher: MailCatcher
) -> None:
    added = run_command("staff", "add", SECOND, *ROLES, typed=SECOND_CODE, **cells[0].environment)
    assert added.returncode == 0, added.stderr
    steps = Steps()
    mail_catcher.at_rcpt[OFFICE] = ["550 5.1.1 no such mailbox"]
    number = await register(cells[-1])
    steps.done("a request is registered")
    async with at_desk(browser, cells[0], FIRST) as one, at_desk(browser, cells[-1], SECOND) as two:
        await open_part(one, "Consegne")
        await reload_until(one, one.locator("main .state-held"), PATIENCE)
        await expect(one.get_by_role("rowheader", name=number)).to_be_visible()
        await look(one, "held")
        steps.done("its mail is held, as the first person sees", acts=1)
        await open_part(one, "Strutture")
        await one.get_by_role("link", name="ASP Trapani, Casella dell'assistenza tecnica").click()
        await one.get_by_label("Casella dell'assistenza tecnica", exact=True).fill(NEW)
        await press(one, "Chiedi il cambio", "mailbox_asked")
        await look(one, "asked")
        sent = await mail_to(mail_catcher, NEW, "codice")
        (code,) = CODE.findall(sent.message.get_content())
        await one.get_by_label(f"Codice arrivato a {NEW}").fill(code)
        await press(one, f"Verifica {NEW}", "mailbox_code_right")
        await expect(one.get_by_role("button", name=re.compile("^Conferma"))).to_have_count(0)
        steps.done("another mailbox is asked for, and proved by its code", acts=6)
        await open_part(two, "Strutture")
        await two.get_by_role("link", name="ASP Trapani: Casella dell'assistenza tecnica").click()
        await look(two, "to-confirm")
        await press(two, re.compile("^Conferma"), "mailbox_confirmed")
        await look(two, "confirmed")
        steps.done("the second person confirms it", acts=3)
        await two.get_by_role("link", name="Le guardi in «Consegne»").click()
        await press(two, re.compile("^Invia alla casella di oggi"), "mail_readdressed")
        await mail_to(mail_catcher, NEW, number)
        steps.done("the held mail is readdressed and delivered", acts=2)
        await reload_until(two, two.get_by_text("Nessuna e-mail aspetta"), PATIENCE)
        await look(two, "delivered")
    await mail_to(mail_catcher, OFFICE, NEW)
    await asyncio.sleep(IN_FORCE_WITHIN)
    for cell in cells:
        await mail_to(mail_catcher, NEW, await register(cell))
    steps.done("the old mailbox is told, and further requests go to the new one")


async def test_a_notice_is_set_seen_by_a_citizen_and_over(
    cells: list[RunningService], browser: Browser
) -> None:
    steps = Steps()
    async with at_desk(browser, cells[0], FIRST) as member, a_context(browser) as context:
        citizen = await context.new_page()
        await log_in(citizen, cells[-1].url)
        await open_part(member, "Avvisi")
        ends = (datetime.now(ROME) + TOGETHER).replace(second=0, microsecond=0)
        await member.get_by_label("Testo").fill(SAID)
        await member.get_by_label("Fino a").fill(f"{ends:%d/%m/%Y %H:%M}")
        await press(member, "Pubblica", "notice_added")
        steps.done("a notice is set", acts=4)
        notice = citizen.get_by_role("region", name="Problemi in corso").get_by_text(SAID)
        await reload_until(citizen, notice, IN_FORCE_WITHIN)
        await look(citizen, "seen")
        steps.done("a citizen sees it on a page")
        await a_new_chat(browser, cells[-1], SAID, "welcome")
        await look(member, "in-force")
        steps.done("and in the chat's welcome")
        assert datetime.now(ROME) < ends, "the machine is too busy to see the notice in its time"
        await reload_until(member, member.get_by_text("Nessun avviso."), TOGETHER.total_seconds())
        await citizen.reload()
        await expect(notice).to_have_count(0)
        steps.done("it is over by itself")
        await member.get_by_label("Dove").select_option("chat")
        await member.get_by_label("Testo").fill(WHY)
        await press(member, "Pubblica", "notice_added")
        steps.done("the chat is closed", acts=3)
        await a_new_chat(browser, cells[-1], TEXTS("chat.closed", why=WHY), "closed")
        await press(member, re.compile("^Togli"), "notice_ended")
        await look(member, "opened")
        await a_new_chat(browser, cells[-1], "InterCup", "open", without=WHY)
        steps.done("seen by a citizen, and opened again", acts=1)


async def a_new_chat(
    browser: Browser, cell: RunningService, sees: str, name: str, without: str = ""
) -> None:
    """Open the chat as another citizen, once the newest notice is in force: hear these words."""
    await asyncio.sleep(IN_FORCE_WITHIN)
    async with a_context(browser) as context:
        page = await context.new_page()
        await page.goto(cell.url)
        chat = ChatPanel(page)
        await chat.open()
        await chat.sees(sees)
        if without:
            await expect(chat.log).not_to_contain_text(without)
        await look(page, name)
