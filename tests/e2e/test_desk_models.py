"""A version of the model prepared, looked at, put in use and taken back, without JavaScript."""

import time
from pathlib import Path

from playwright.async_api import Browser, Page, expect
from sqlalchemy import update

from intercup.db.engine import Database
from intercup.db.tables import Example, Model, Training
from intercup.domain.directory import Directory
from intercup.domain.staff import Role
from intercup.services.models.cells import tell
from tests.support.browser.desk_pages import WIDTHS, look, press
from tests.support.browser.page_reader import assert_fits
from tests.support.browser.photographs import photograph
from tests.support.desk import COOKIE, desk_cookie
from tests.support.tried_models import BASE, LOST, put, put_published, report
from tests.support.web_service import running_service


async def fits(page: Page, name: str) -> None:
    """Measure a page at every width, and photograph it."""
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 800})
        await photograph(page, name, whole=True)
        await assert_fits(page, f"{name} at {width} px")


async def test_a_version_is_prepared_looked_at_put_in_use_and_taken_back(
    database: Database, directory: Directory, tmp_path: Path, browser: Browser
) -> None:
    now = time.time()
    await put_published(database, "aaaaaaaa", now - 9e5)
    fallen = report("aaaaaaaa", "emergencies", "known", lost=[LOST])
    await put(database, "cccccccc", now - 8e5, fallen)
    await put(database, "bbbbbbbb", now - 7e5, report("aaaaaaaa"))
    async with database.write() as writing:
        more = {"purpose": "training", "day": "2026-11-29"}
        text = "lo spid gira a vuoto da mezz'ora"
        writing.add(Example(id="e", text=text, intent="report_access_problem", **more))
    async with running_service(database, directory, tmp_path, base=BASE) as service:
        cookie = {"name": COOKIE, "value": await desk_cookie(database, Role)}
        page, other = [
            await (await browser.new_context(java_script_enabled=has_script)).new_page()
            for has_script in (False, True)
        ]
        for each in (page, other):
            await each.context.add_cookies([cookie | {"url": service.base_url}])

        async def look_at(name: str) -> None:
            await other.goto(page.url)  # axe needs JavaScript
            await look(other, name)

        await page.goto(f"{service.base_url}/presidio")
        await page.locator("main").get_by_role("link", name="Modelli").click()
        await page.get_by_text("Aggiungere una frase di esempio").click()
        await page.get_by_label("Frase", exact=True).fill("chiamate il 3331234567, sta male")
        await page.get_by_label("Intento").select_option("medical_emergency")
        await page.get_by_role("button", name="Aggiungi").click()
        await fits(page, "example-refused")
        await page.get_by_label("Frase", exact=True).fill("correte, sta male")
        await press(page, "Aggiungi", "example_added")
        await expect(page.locator("#esito")).to_be_focused()
        await expect(page.get_by_label("Intento")).to_have_value("medical_emergency")
        await press(page, "Addestra e prova", "training_asked")
        async with database.write() as writing:
            running = {"state": "running", "step": "train", "seen_at": now + 60}
            await writing.execute(update(Training).values(**running))
        await page.get_by_role("link", name="Guarda a che punto è").click()
        await expect(page.locator("#addestramento")).to_be_focused()
        await expect(page.locator("[aria-current=step]")).to_contain_text("in corso")
        await look_at("running")
        await press(page, "Ferma", "training_cancelled")
        await page.get_by_role("link", name="cccccccc").click()
        await expect(page.get_by_text(LOST)).to_be_visible()
        await look_at("refused")
        await page.get_by_role("link", name="Tutte le versioni").click()
        await page.get_by_role("link", name="bbbbbbbb").click()
        await look_at("ready")
        await press(page, "Pubblica", "model_published")
        async with database.write() as writing:
            for name, models in (("cup-1", "bbbbbbbb"), ("cup-2", "aaaaaaaa")):
                await tell(writing, f"{name} http://127.0.0.1:5005", BASE, models, time.time())
            late = {"published_at": Model.published_at - 300}
            await writing.execute(update(Model).values(**late))
        await look_at("published")
        await press(page, "Torna alla versione di prima, aaaaaaaa", "model_published")
