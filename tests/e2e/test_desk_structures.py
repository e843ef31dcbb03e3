"""A mailbox corrected by two people in real browsers, its held mail delivered to the new one."""

import re
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from intercup.db.engine import Database
from intercup.domain.staff import Role
from intercup.services.structures.structures import Structures
from tests.support.browser.desk_pages import look, press
from tests.support.delivering import LATER, OFFICE, deliver
from tests.support.desk import COOKIE, desk_cookie
from tests.support.made_requests import submit
from tests.support.paths import ROOT
from tests.support.smtp_servers import MailCatcher
from tests.support.web_service import Service, running_service

NEW = "nuovo@asptrapani.it"


async def at_desk(browser: Browser, service: Service, name: str, *roles: Role) -> Page:
    context = await browser.new_context(locale="it-IT")
    cookie = await desk_cookie(service.database, roles, name)
    await context.add_cookies([{"name": COOKIE, "value": cookie, "url": service.base_url}])
    page = await context.new_page()
    await page.goto(f"{service.base_url}/presidio/strutture")
    return page


async def test_two_people_correct_a_mailbox_and_its_held_mail_arrives(
    database: Database, tmp_path: Path, browser: Browser, mail_catcher: MailCatcher
) -> None:
    structures = Structures.load(ROOT / "config" / "structures.yaml")
    number = (await submit(database, structures.directory)).number
    mail_catcher.at_rcpt[OFFICE] = ["550 5.1.1 no such mailbox"]
    await deliver(database, mail_catcher.url)
    async with running_service(database, structures, tmp_path) as service:
        anna = await at_desk(browser, service, "Anna", Role.DIALOGUE)
        await look(anna, "list")
        await anna.get_by_role("link", name="ASP Trapani, Casella dell'assistenza tecnica").click()
        box = anna.get_by_label("Casella dell'assistenza tecnica", exact=True)
        await expect(box).to_have_value(OFFICE)
        await box.fill("nuovo@asptrapani")
        await anna.get_by_role("button", name="Chiedi il cambio").click()
        await expect(box).to_have_attribute("aria-invalid", "true")
        await look(anna, "refused")
        await box.fill(NEW)
        await press(anna, "Chiedi il cambio", "mailbox_asked")
        await look(anna, "asked")
        await deliver(database, mail_catcher.url, after=2.0)
        mail = next(each for each in mail_catcher.mails if each.rcpt == [NEW])
        code = re.findall(r"^ +(\d{6})\s*$", mail.message.get_content(), re.MULTILINE)[0]
        await anna.get_by_label(f"Codice arrivato a {NEW}").fill(code)
        await press(anna, f"Verifica {NEW}", "mailbox_code_right")
        await expect(anna.get_by_role("button", name=re.compile("Conferma"))).to_have_count(0)
        bruno = await at_desk(browser, service, "Bruno", Role.RELEASE, Role.DELIVERIES)
        await bruno.get_by_role("link", name="ASP Trapani: Casella dell'assistenza tecnica").click()
        await look(bruno, "to-confirm")
        await press(bruno, re.compile("^Conferma"), "mailbox_confirmed")
        await look(bruno, "confirmed")
        await bruno.get_by_role("link", name="Le guardi in «Consegne»").click()
        await press(bruno, re.compile("^Invia alla casella di oggi"), "mail_readdressed")
        await deliver(database, mail_catcher.url, after=LATER)
        await anna.goto(f"{service.base_url}/presidio/strutture/asp_trapani/places")
        await look(anna, "places")
        await anna.goto(f"{service.base_url}/presidio/strutture/outside-enna/near")
        await look(anna, "near")
    arrived = [mail for mail in mail_catcher.mails if number in (mail.message["Subject"] or "")]
    assert [NEW] in [mail.rcpt for mail in arrived]
    (told,) = [mail for mail in mail_catcher.mails if mail.rcpt == [OFFICE]]
    assert NEW in told.message.get_content()


async def test_words_are_checked_while_they_are_typed_and_a_place_is_added(
    database: Database, tmp_path: Path, browser: Browser
) -> None:
    structures = Structures.load(ROOT / "config" / "structures.yaml")
    async with running_service(database, structures, tmp_path) as service:
        anna = await at_desk(browser, service, "Anna", Role.DIALOGUE)
        await anna.get_by_role("link", name="Parole d'emergenza, Emergenza sicura").click()
        box, said = anna.get_by_label("Emergenza sicura", exact=True), anna.locator("#values-check")
        await box.press_sequentially("operatore")
        await expect(said).to_contain_text("sta anche in una frase che non è un'emergenza")
        await look(anna, "typed-wrong")
        await box.fill("cianotico e immobile")
        await expect(said).to_have_text("Va bene: si può salvare.")
        await press(anna, "Salva", "structure_changed")
        await look(anna, "emergency-word")
        await anna.get_by_role("link", name="Tutte le strutture").click()
        await anna.get_by_label("Nomi del luogo").fill("Castrofilippo")
        await anna.get_by_role("button", name="Aggiungi il luogo").click()
        await expect(anna.locator("#near-error")).to_be_visible()
        await look(anna, "place-refused")
        await anna.get_by_role("checkbox", name="ASP Agrigento").check()
        await press(anna, "Aggiungi il luogo", "place_added")
        await anna.get_by_role("link", name="castrofilippo, Nomi del luogo").focus()
        await anna.keyboard.press("Enter")
        await look(anna, "added-place")
