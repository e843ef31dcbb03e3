"""Failures in the widget: seen by the citizen, nothing lost, recovery by itself, once."""

import os
import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.support.browser.accessibility import assert_accessible
from tests.support.browser.chat_panel import SIZES, ChatPanel, a_context
from tests.support.browser.photographs import photograph
from tests.support.running_service import RunningService

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(120)]
SAID = "non riesco ad accedere con lo spid"
BACK = 60_000  # milliseconds for a part to be back


@pytest_asyncio.fixture(loop_scope="session")
async def chat(mortal_service: RunningService, shared_browser: Browser) -> AsyncIterator[ChatPanel]:
    async with a_context(shared_browser) as context:
        chat = ChatPanel(await context.new_page())
        await chat.page.goto(mortal_service.url)
        await chat.open()
        yield chat


async def assert_said_and_answered_once(chat: ChatPanel) -> None:
    await expect(chat.page.locator(".failed, .sending")).to_have_count(0, timeout=BACK)
    await expect(chat.log.get_by_text(SAID, exact=True)).to_have_count(1)
    await chat.page.reload()
    await chat.open()
    await expect(chat.log.locator(".citizen")).to_have_count(1)
    said = await chat.messages.all_inner_texts()
    assert len(said) == len(set(said)) >= 3


async def test_assistant_dies_and_the_message_goes_by_itself_over_a_reload(
    mortal_service: RunningService, chat: ChatPanel
) -> None:
    os.kill(mortal_service.pid_of("rasa"), signal.SIGKILL)
    await chat.say(SAID)
    failed = chat.page.locator(".failed")
    await expect(failed).to_contain_text("Non inviato: riprovo…")
    await expect(failed.get_by_role("button", name="Riprova")).to_be_enabled()
    await chat.sees("l'assistente non riesce a rispondere")
    await assert_accessible(chat.page, "unsent")
    await photograph(chat.page, "unsent")
    await chat.page.reload()
    await chat.sees(SAID)
    await assert_said_and_answered_once(chat)


async def test_without_connection_it_says_so_and_goes_on_when_it_is_back(chat: ChatPanel) -> None:
    await chat.page.context.set_offline(True)
    await chat.say(SAID)
    await expect(chat.notice).to_contain_text("Connessione assente")
    await expect(chat.page.locator(".failed")).to_contain_text("Non inviato: riprovo…")
    await assert_accessible(chat.page, "offline")
    await photograph(chat.page, "offline", (SIZES["360"], SIZES["1280"]))
    await chat.page.context.set_offline(False)
    await expect(chat.notice).to_contain_text("Connessione ristabilita")
    await assert_said_and_answered_once(chat)


async def test_without_connection_the_notice_comes_before_anything_is_sent(
    chat: ChatPanel,
) -> None:
    await chat.page.context.set_offline(True)
    await expect(chat.notice).to_contain_text("Connessione assente")
    await chat.page.context.set_offline(False)
    await expect(chat.notice).to_contain_text("Connessione ristabilita")


async def test_server_dies_and_the_chat_finds_it_again(
    mortal_service: RunningService, chat: ChatPanel
) -> None:
    os.kill(mortal_service.pid_of("web"), signal.SIGKILL)
    await expect(chat.notice).to_contain_text("Connessione assente")
    await chat.say(SAID)
    await assert_said_and_answered_once(chat)
