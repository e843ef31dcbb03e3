"""Of two Rasa processes one hangs or dies in the middle: the other one goes on, within 3 s."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress

import aiohttp
import pytest

from intercup.texts import TEXTS
from tests.support.chatting_citizen import ChattingCitizen, number_in
from tests.support.running_service import START_LIMIT, RunningService, hanging, run_service

CATEGORY = "Problemi tecnici rilevati durante la prenotazione sulla struttura sanitaria"
DESCRIPTION = "Dopo la scelta dell'orario la pagina si chiude."
ANSWER_MAX = 3.0  # seconds
BOTH = ("rasa", "rasa-2")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service with two Rasa processes."""
    yield from run_service(tmp_path_factory.mktemp("pair"), rasas=2)


async def answered_soon(citizen: ChattingCitizen, **said: str) -> None:
    """Say or press something; it must be answered once, and soon."""
    began = time.monotonic()
    await (citizen.say(said["text"]) if "text" in said else citizen.press(said["button"]))
    assert time.monotonic() - began < ANSWER_MAX
    assert not citizen.retry
    texts = [message["text"] for message in citizen.messages]
    assert len(texts) == len(set(texts))


async def test_another_rasa_takes_the_turns_of_one_that_hangs(pair: RunningService) -> None:
    async with ChattingCitizen(pair.url) as citizen:
        await citizen.log_in("Agata Lo Presti")
        await citizen.open("portal")
        await citizen.press(CATEGORY)
        # One of the two is this conversation's.
        with hanging(pair, BOTH[0]):
            await answered_soon(citizen, button="ASP Trapani")
            await answered_soon(citizen, text=DESCRIPTION)
        with hanging(pair, BOTH[1]):
            await answered_soon(citizen, button=TEXTS("input.accept"))
            await answered_soon(citizen, button=TEXTS("input.accept"))
        await citizen.press(TEXTS("input.send"))
        mails = await citizen.mails_about(number_in(citizen.text), 2)
    assert len(mails) == 2
    assert all(DESCRIPTION in mail["body"] for mail in mails)


async def test_another_rasa_takes_the_turns_of_one_that_has_died(pair: RunningService) -> None:
    first, second = BOTH
    await outlives(pair, first)
    await until_back(pair, first)
    await outlives(pair, second)


async def outlives(pair: RunningService, part: str) -> None:
    """Go on with a chat whose Rasa may be the one that dies."""
    async with ChattingCitizen(pair.url) as citizen:
        await citizen.log_in("Agata Lo Presti")
        await citizen.open("portal")
        await citizen.press(CATEGORY)
        os.kill(pair.pid_of(part), signal.SIGKILL)
        await answered_soon(citizen, button="ASP Trapani")
        await answered_soon(citizen, text=DESCRIPTION)


async def until_back(service: RunningService, part: str) -> None:
    """Wait until the supervisor has started the part again."""
    port = service.port_of_rasa(part)
    async with aiohttp.ClientSession() as http, asyncio.timeout(START_LIMIT):
        while True:
            with suppress(aiohttp.ClientError):
                async with http.get(f"http://127.0.0.1:{port}/") as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.2)
