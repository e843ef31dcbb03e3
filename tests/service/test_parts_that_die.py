"""Each part is killed during a chat: nothing acknowledged is lost, the citizen hears the truth."""

import asyncio
import os
import signal
from uuid import uuid4

import aiohttp
import pytest

from intercup.texts import TEXTS
from tests.support.chatting_citizen import ChattingCitizen, number_in, to_summary
from tests.support.made_requests import BOTH
from tests.support.running_service import RunningService

CATEGORY = "Problemi tecnici rilevati durante la prenotazione sulla struttura sanitaria"
DESCRIPTION = "Dopo la scelta dell'orario la pagina si chiude."
RECIPIENTS = ["agata.lopresti@example.it", "cup@asptrapani.it"]
ANSWER_LIMIT = 40.0  # seconds for a part to be back


def kill(service: RunningService, part: str) -> None:
    """End a part as a power cut would."""
    os.kill(service.pid_of(part), signal.SIGKILL)


async def say_until_answered(citizen: ChattingCitizen, body: dict[str, str]) -> list[str]:
    """Post the same message, as "Riprova" does, until it is answered; return what was said."""
    refusals: list[str] = []
    async with asyncio.timeout(ANSWER_LIMIT):
        while True:
            try:
                await citizen.post(body)
            except aiohttp.ClientError as error:
                refusals.append(type(error).__name__)
            else:
                if not citizen.retry:
                    return refusals
                refusals.append(citizen.text)
            await asyncio.sleep(0.5)


async def logged_in(citizen: ChattingCitizen) -> ChattingCitizen:
    await citizen.log_in("Agata Lo Presti")
    await citizen.open("portal")
    return citizen


async def assert_mailed_once(citizen: ChattingCitizen, number: str) -> None:
    mails = await citizen.mails_about(number, len(RECIPIENTS))
    assert sorted(recipient for mail in mails for recipient in mail["rcpt"]) == RECIPIENTS
    assert all(DESCRIPTION in mail["body"] for mail in mails)


async def until_told_as_delivered(citizen: ChattingCitizen) -> None:
    """Wait for the chat's line: the mail server has a mail before the worker has stored it."""
    async with asyncio.timeout(10):
        while not any(  # noqa: ASYNC110 (it happens outside of this program)
            "consegnata alla posta" in line["text"] for line in await citizen.history()
        ):
            await asyncio.sleep(0.2)


@pytest.mark.parametrize("part", ["rasa", "actions"])
async def test_assistant_dies_and_the_request_goes_on_where_it_was(
    mortal_service: RunningService, part: str
) -> None:
    async with ChattingCitizen(mortal_service.url) as citizen:
        await logged_in(citizen)
        await citizen.press(CATEGORY)
        await citizen.press("ASP Trapani")
        kill(mortal_service, part)
        refusals = await say_until_answered(citizen, {"id": str(uuid4()), "text": DESCRIPTION})
        assert refusals
        assert all("non è andato perso" in text for text in refusals)
        assert all("intercup@regione.sicilia.it" in text for text in refusals)
        await citizen.press(TEXTS("input.accept"))
        await citizen.press(TEXTS("input.accept"))
        await citizen.press(TEXTS("input.send"))
        await assert_mailed_once(citizen, number_in(citizen.text))


async def test_form_registers_requests_while_rasa_is_down(mortal_service: RunningService) -> None:
    async with ChattingCitizen(mortal_service.url) as citizen:
        await logged_in(citizen)
        kill(mortal_service, "rasa")
        fields = {"category": "technical", "structure": "asp_trapani", "description": DESCRIPTION}
        page = await citizen.send_form(fields | BOTH)
        await mortal_service.until_healthy(assistant=False)
        await assert_mailed_once(citizen, number_in(page))
    await mortal_service.until_healthy()


@pytest.mark.parametrize("part", ["worker", "demo"])
async def test_delivery_dies_and_the_mail_comes_later(
    mortal_service: RunningService, part: str
) -> None:
    async with ChattingCitizen(mortal_service.url) as citizen:
        await logged_in(citizen)
        await to_summary(citizen, CATEGORY, "ASP Trapani", DESCRIPTION)
        kill(mortal_service, part)
        await citizen.press(TEXTS("input.send"))
        number = number_in(citizen.text)
        assert "consegnata alla posta" not in citizen.text
        await assert_mailed_once(citizen, number)
        await until_told_as_delivered(citizen)


async def test_web_dies_after_send_and_the_same_message_gives_the_same_number(
    mortal_service: RunningService,
) -> None:
    async with ChattingCitizen(mortal_service.url) as citizen:
        await logged_in(citizen)
        await to_summary(citizen, CATEGORY, "ASP Trapani", DESCRIPTION)
        body = {"id": str(uuid4()), "payload": citizen.offers[TEXTS("input.send")]}
        lost_answer = asyncio.create_task(citizen.post(body))
        await asyncio.sleep(0.02)
        kill(mortal_service, "web")
        await asyncio.gather(lost_answer, return_exceptions=True)
        await say_until_answered(citizen, body)
        number = number_in(citizen.text)
        await say_until_answered(citizen, body)
        assert number_in(citizen.text) == number
        await assert_mailed_once(citizen, number)
        listed = await citizen.page("/richieste")
        assert listed.count(f'<span class="number">{number}</span>') == 1
