"""A chat in a real browser: earlier messages come above what is read, which stays in place."""

import time

import pytest
from playwright.async_api import Browser, BrowserContext, expect
from sqlalchemy import update

from intercup.db.tables import ChatMessage
from intercup.services.chat.conversations import Message, append
from tests.support.browser.accessibility import assert_accessible
from tests.support.browser.chat_panel import ChatPanel, a_context
from tests.support.browser.page_place import Place
from tests.support.browser.photographs import photograph

pytestmark = pytest.mark.asyncio(loop_scope="session")
BUTTON = "Mostra i messaggi precedenti"


async def a_long_chat(context: BrowserContext, place: Place) -> None:
    answer = await context.request.get(f"{place.url}/chat/session?page=home")
    conversation = (await answer.json())["conversation"]
    async with place.database.write() as writing:
        for turn in range(100):
            said = (
                Message(f"Domanda {turn}", "citizen", f"m{turn}"),
                Message("Una risposta. " * 20),
            )
            await append(writing, conversation, said, answers=f"m{turn}")


async def test_what_is_read_stays_in_its_place_and_keeps_the_focus(
    place: Place, shared_browser: Browser
) -> None:
    async with a_context(shared_browser, None, "360") as context:
        await a_long_chat(context, place)
        page = await context.new_page()
        await page.goto(place.url)
        chat = ChatPanel(page)
        await chat.open()
        await chat.sees("Domanda 99")
        before = await chat.messages.count()
        assert before < 200
        top = chat.messages.first
        name = await top.get_attribute("data-id")
        button = page.get_by_role("button", name=BUTTON)
        await button.scroll_into_view_if_needed()
        await button.focus()
        place_before = await top.bounding_box()
        await page.keyboard.press("Enter")
        await expect(chat.messages).not_to_have_count(before)
        read = page.locator(f'intercup-chat [data-id="{name}"]')
        await expect(read).to_be_focused()
        place_after = await read.bounding_box()
        assert place_before and place_after
        assert abs(place_before["y"] - place_after["y"]) < 60  # The button's own height.
        await expect(chat.live).to_contain_text("Messaggi precedenti")
        await expect(page.get_by_role("button", name="Nuovi messaggi")).to_have_count(0)
        await assert_accessible(page, "earlier messages")
        await photograph(page, "earlier")
        while await button.count():
            shown = await chat.messages.count()
            await button.click()
            await expect(chat.messages).not_to_have_count(shown)
        await expect(chat.messages).to_have_count(201)
        await page.reload()
        await chat.open()
        await chat.sees("Domanda 99")


async def test_who_comes_back_is_welcomed_and_the_old_chat_waits_above(
    place: Place, shared_browser: Browser
) -> None:
    async with a_context(shared_browser, None, "360") as context:
        await a_long_chat(context, place)
        async with place.database.write() as writing:
            await writing.execute(update(ChatMessage).values(created_at=time.time() - 3600))
        page = await context.new_page()
        await page.goto(f"{place.url}/assistenza")
        chat = ChatPanel(page)
        await expect(chat.messages).to_have_count(1)
        await expect(chat.messages.locator(".text")).to_be_in_viewport(ratio=1)
        await expect(chat.composer).to_be_in_viewport(ratio=1)
        await expect(page.get_by_role("heading", level=1)).to_be_in_viewport()
        await assert_accessible(page, "a new beginning")
        await photograph(page, "new-beginning")
        await page.get_by_role("button", name=BUTTON).click()
        await chat.sees("Domanda 99")
