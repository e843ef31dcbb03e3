"""An answer worded at the desk in a real browser, and heard in the chat."""

from pathlib import Path

from playwright.async_api import Browser, expect

from intercup.db.engine import Database
from intercup.domain.directory import Directory
from intercup.domain.staff import Role
from intercup.services.answers.origin import answers
from intercup.texts import TEXTS
from tests.support.browser.desk_pages import look
from tests.support.desk import COOKIE, desk_cookie
from tests.support.web_service import running_service, stand_in_rasa

SPID = "utter_faq/spid"


async def test_an_answer_is_found_refused_looked_at_saved_heard_and_taken_back(
    database: Database, directory: Directory, tmp_path: Path, browser: Browser
) -> None:
    async with (
        stand_in_rasa() as rasa,
        running_service(database, directory, tmp_path, rasa.url) as service,
        service.browser() as citizen,
    ):
        origin = answers()[SPID].text
        rasa.replies = [{"text": origin, "answer": {"name": SPID, "values": {}}}]
        context = await browser.new_context(locale="it-IT")
        cookie = await desk_cookie(database, Role)
        await context.add_cookies([{"name": COOKIE, "value": cookie, "url": service.base_url}])
        page = await context.new_page()
        await page.goto(f"{service.base_url}/presidio/risposte")
        await look(page, "list")
        await page.get_by_label("Cerca nelle risposte").fill("identità digitale")
        await page.keyboard.press("Enter")
        await page.get_by_role("link", name="Modifica").click()
        text = page.get_by_label("Testo")
        await expect(text).to_have_value(origin)
        await text.fill("SPID serve per entrare.\nInserisci le password tramite il pulsante.")
        await page.get_by_role("button", name="Salva").click()
        await look(page, "refused")
        await expect(text).to_have_attribute("aria-invalid", "true")
        await text.fill(origin.replace("è l'identità", "è la sua identità"))
        await page.get_by_role("button", name="Guarda prima").click()
        await look(page, "preview")
        await page.get_by_role("button", name="Salva").click()
        await expect(page.get_by_role("status")).to_have_text(TEXTS("desk_done.answer_worded"))
        await look(page, "saved")
        await citizen.open_chat()
        _, body = await citizen.say("che cos'è lo spid")
        assert "è la sua identità" in body["messages"][-1]["text"]
        await page.get_by_role("button", name="Torna all'originale").click()
        await expect(text).to_have_value(origin)
        await look(page, "taken-back")
