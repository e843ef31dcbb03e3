"""The knowledge of a page, in a real browser: shown before it goes along, and left out."""

import re

import pytest
from playwright.async_api import Browser, Locator, Page, Route, StorageState, ViewportSize, expect

from tests.support.browser.accessibility import assert_accessible
from tests.support.browser.chat_panel import ChatPanel, a_context
from tests.support.browser.page_reader import assert_fits
from tests.support.browser.photographs import photograph
from tests.support.chatting_citizen import ChattingCitizen, number_in
from tests.support.running_service import RunningService

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]
SMALL, WIDE = ViewportSize(width=320, height=568), ViewportSize(width=1280, height=900)
STEPS = (
    "problemi tecnici rilevati durante la prenotazione sulla struttura sanitaria",
    "papardo",
    "Scelgo la data e la pagina resta bianca.",
    "sì, confermo",
    "sì, confermo",
)
TEXT = "La pagina della data non si apre."
KNOWN = re.compile(
    r"Pagina: http://127\.0\.0\.1:\d+/prenota\s+Struttura: A\.O\. Papardo di Messina\s+"
    r"Browser: Chrome \d+\s+Schermo: (piccolo|grande), come di un (telefono|computer)\s+"
    r"Ora: \d\d/\d\d/\d{4}, \d\d:\d\d$"
)


async def look(page: Page, part: Locator, name: str) -> None:
    for size in (SMALL, WIDE):
        await page.set_viewport_size(size)
        await part.scroll_into_view_if_needed()
        await photograph(page, name)
        await assert_fits(page, name)
        await assert_accessible(page, name)


async def to_summary(page: Page, url: str) -> ChatPanel:
    """Lead the booking page's chat to its summary; the address has more than is sent."""
    chat = ChatPanel(page)
    await page.goto(f"{url}/prenota?structure=ao_papardo#problemi")
    await chat.open()
    for number, step in enumerate(STEPS, 1):
        await chat.say(step)
        await expect(chat.log.locator(".citizen")).to_have_count(number)
        await expect(page.locator(".sending")).to_have_count(0)
    await chat.sees("Controlla e invia")
    return chat


async def facts_on_receipt(page: Page, url: str) -> str:
    await page.goto(f"{url}/richieste")
    await page.get_by_role("link", name=re.compile("IC-")).first.click()
    fact = page.locator("dt:text-is('Dati della pagina') + dd")
    return await fact.inner_text() if await fact.count() else ""


@pytest.mark.parametrize("said", ["Sì, va bene", "invia", ""])
async def test_the_chat_sends_what_its_summary_shows(
    service: RunningService, portal: Page, said: str
) -> None:
    leaves_out = not said
    asked: list[str] = []
    chat = await to_summary(portal, service.url)
    portal.on("request", lambda request: asked.append(f"{request.url} {request.post_data}"))
    part = portal.locator("intercup-files")
    shown = part.locator("#facts-list")
    await expect(shown).to_have_text(KNOWN)
    box = part.get_by_role("checkbox", name="Aggiungi questi dati alla richiesta")
    await expect(box).to_be_checked()
    await look(portal, box, "shown")
    text = await shown.inner_text()
    if leaves_out:
        await box.press("Space")
        await portal.reload()
        await chat.open()
        await expect(box).not_to_be_checked()
    assert not any("Chrome" in request for request in asked), "nothing goes before the press"
    await (chat.press("Invia") if leaves_out else chat.say("invia"))
    await chat.sees("registrata con il numero")
    assert any("Chrome" in request for request in asked) != leaves_out
    assert await facts_on_receipt(portal, service.url) == ("" if leaves_out else text)


@pytest.mark.parametrize("leaves_out", [False, True])
async def test_a_message_before_login_brings_them_too(
    service: RunningService, shared_browser: Browser, leaves_out: bool
) -> None:
    address = f"salvo{leaves_out}@example.it".lower()
    async with a_context(shared_browser) as context, ChattingCitizen(service.url) as mailbox:
        page = await context.new_page()
        chat = ChatPanel(page)
        await page.goto(service.url)
        await chat.open()
        await chat.say("quando faccio lo spid mi riporta sempre alla pagina iniziale")
        await chat.press("Invia il messaggio da qui")
        await chat.sees("A quale indirizzo e-mail")
        await chat.say(address)
        await chat.sees("codice di 6 cifre")
        await chat.say(await mailbox.code_sent_to(address))
        for asked in ("Autorizzo al trattamento", "Dichiaro di aver preso visione"):
            await chat.sees(asked)
            await chat.press("Sì, confermo")
        await chat.sees("Controlla e invia")
        part = page.locator("intercup-files")
        box = part.get_by_role("checkbox", name="Aggiungi questi dati alla richiesta")
        await expect(box).to_be_checked()
        await expect(part.get_by_role("button")).to_have_count(0)
        await look(page, box, "before-login")
        shown = await part.locator("#facts-list").inner_text()
        assert shown.startswith(f"Pagina: {service.url}/\nBrowser: Chrome")
        if leaves_out:
            await box.uncheck()
        await chat.say("sì, mandi pure")
        await chat.sees("registrata con il numero")
        number = number_in(await chat.log.locator(".number").inner_text())
        mails = await mailbox.mails_about(number, 2)
    quoted = "> " + shown.replace("\n", "\r\n> ")
    assert [quoted in mail["body"] for mail in mails] == [not leaves_out] * 2


@pytest.mark.parametrize("said", ["sì", ""])
async def test_the_box_in_sight_decides_whatever_another_tab_or_a_lost_try_has_said(
    service: RunningService, portal: Page, said: str
) -> None:
    chat = await to_summary(portal, service.url)
    asked: list[str] = []
    portal.context.on("request", lambda request: asked.append(str(request.post_data)))
    other = await portal.context.new_page()
    await other.goto(f"{service.url}/prenota?structure=ao_papardo")
    in_other = ChatPanel(other)
    await in_other.open()
    await expect(other.locator("intercup-files").get_by_role("checkbox")).to_be_checked()
    await portal.bring_to_front()
    await chat.say("aspetti un attimo")
    await expect(chat.log.locator(".citizen")).to_have_count(len(STEPS) + 1)
    assert any("Chrome" in body for body in asked), "only the service knows that this sends nothing"
    asked.clear()
    box = portal.locator("intercup-files").get_by_role("checkbox")
    await box.uncheck()
    lost = [True]

    async def lose(route: Route) -> None:
        await (route.abort() if lost else route.continue_())
        lost.clear()

    await portal.route("**/chat/messages", lose)
    await (chat.say(said) if said else chat.press("Invia"))
    await chat.sees("registrata con il numero")
    assert not any("Chrome" in body for body in asked)
    assert await facts_on_receipt(portal, service.url) == ""


@pytest.mark.parametrize("leaves_out", [False, True])
async def test_another_button_of_the_form_takes_no_facts_and_forgets_no_decision(
    service: RunningService, portal: Page, leaves_out: bool
) -> None:
    await portal.goto(f"{service.url}/prenota?structure=ao_papardo")
    await portal.locator("main").get_by_role("link", name="Richiedi assistenza").click()
    box = portal.get_by_role("checkbox", name="Aggiungi questi dati alla richiesta")
    await expect(portal.locator("#page-facts-list")).to_have_text(KNOWN)
    if leaves_out:
        await box.uncheck()
    text = f"{TEXT} Poi cambio indirizzo: {leaves_out}."
    await portal.locator("#description").fill(text)
    async with portal.expect_request(
        lambda request: request.method == "POST" and request.url.endswith("/assistenza")
    ) as posted:
        await portal.locator("button[name=next][value=address]").click()
    assert "Chrome" not in ((await posted.value).post_data_buffer or b"").decode()
    await portal.wait_for_url(re.compile("/recapito"))
    await portal.goto(f"{service.url}/assistenza")
    await expect(portal.locator("#description")).to_have_value(text)
    await expect(portal.locator("#page-facts-list")).to_have_text(KNOWN)
    await expect(box).to_be_checked(checked=not leaves_out)
    shown = await portal.locator("#page-facts-list").inner_text()
    await portal.locator("#category").select_option("technical")
    for consent in ("#privacy", "#regulation"):
        await portal.locator(consent).check()
    await send(portal)
    await expect(portal.get_by_role("main")).to_contain_text("registrata con il numero")
    assert await facts_on_receipt(portal, service.url) == ("" if leaves_out else shown)


async def test_the_form_sends_what_it_shows_and_remembers_what_was_left_out(
    service: RunningService, portal: Page
) -> None:
    for leaves_out in (True, False):
        await portal.goto(f"{service.url}/prenota?structure=ao_papardo#problemi")
        await portal.locator("main").get_by_role("link", name="Richiedi assistenza").click()
        box = portal.get_by_role("checkbox", name="Aggiungi questi dati alla richiesta")
        await expect(box).to_be_checked()
        await expect(portal.locator("#page-facts-list")).to_have_text(KNOWN)
        await look(portal, box, "form")
        text = await portal.locator("#page-facts-list").inner_text()
        if leaves_out:
            await box.uncheck()
        await portal.locator("#category").select_option("technical")
        await portal.locator("#description").fill(TEXT)
        await send(portal)
        await expect(portal.get_by_role("alert").first).to_contain_text("non è stata inviata")
        await expect(box).to_be_checked(checked=not leaves_out)
        await expect(portal.locator("#page-facts-list")).to_have_text(text)
        for consent in ("#privacy", "#regulation"):
            await portal.locator(consent).check()
        await send(portal)
        await expect(portal.get_by_role("main")).to_contain_text("registrata con il numero")
        assert await facts_on_receipt(portal, service.url) == ("" if leaves_out else text)


async def test_the_form_shows_them_in_the_pages_language_and_sends_the_italian_ones(
    service: RunningService, portal: Page
) -> None:
    shown = "Screen: \u2068large, like a computer's\u2069"
    await portal.goto(f"{service.url}/assistenza?structure=ao_papardo&lingua=en")
    await expect(portal.locator("#page-facts-list")).to_contain_text(shown)
    await portal.locator("#category").select_option("technical")
    await portal.locator("#description").fill(f"{TEXT} In inglese.")
    for consent in ("#privacy", "#regulation"):
        await portal.locator(consent).check()
    async with portal.expect_request(
        lambda request: request.method == "POST" and request.url.endswith("/assistenza")
    ) as posted:
        await portal.locator("#request-form > button").click()
    sent = ((await posted.value).post_data_buffer or b"").decode()
    assert "Schermo: grande, come di un computer\r\nOra: " in sent
    fact = portal.locator("dt:text-is('Page details') + dd")
    await expect(fact).to_contain_text("Screen: large, like a computer's")
    await portal.goto(f"{service.url}/portale?lingua=it")


async def send(page: Page) -> None:
    await page.locator("#request-form").get_by_role("button", name="Invia", exact=True).last.click()


async def test_a_form_reached_from_a_page_with_a_number_does_not_name_it(
    service: RunningService, portal: Page
) -> None:
    await portal.goto(f"{service.url}/richieste/IC-0000-0000-0000")
    await portal.evaluate("location.href = '/assistenza'")
    await expect(portal.locator("#page-facts-list")).to_contain_text("Browser: Chrome")
    await expect(portal.locator("#page-facts-list")).not_to_contain_text("Pagina")


async def test_without_javascript_nothing_is_known_and_nothing_is_sent(
    service: RunningService, shared_browser: Browser, agata: StorageState
) -> None:
    async with a_context(shared_browser, agata, java_script_enabled=False) as context:
        page = await context.new_page()
        await page.goto(f"{service.url}/assistenza?structure=ao_papardo")
        await expect(page.get_by_text("È quella della pagina da cui arriva")).to_be_visible()
        await expect(page.get_by_role("checkbox")).to_have_count(2)
        await page.locator("#category").select_option("technical")
        await page.locator("#description").fill(f"{TEXT} Senza.")
        for consent in ("#privacy", "#regulation"):
            await page.locator(consent).check()
        await send(page)
        await expect(page.get_by_role("main")).to_contain_text("registrata con il numero")
        assert await facts_on_receipt(page, service.url) == ""
