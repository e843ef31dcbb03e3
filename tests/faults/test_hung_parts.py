"""Each part of `intercup run` hangs in turn: who notices, after how long, what citizens saw."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import aiohttp
import pytest

from tests.faults.figures import note_hung
from tests.support.chatting_citizen import ChattingCitizen, number_in
from tests.support.made_requests import BOTH
from tests.support.running_service import RunningService, run_service

PARTS = ("web", "worker", "actions", "rasa")
BACK_WITHIN = 90.0  # seconds; a Rasa needs 12 s for its start on a quiet machine
PATIENCE = 30.0  # seconds of a citizen for a page
PAUSE, TURN_PAUSE = 0.3, 1.0  # seconds between two visits, and between two turns
REQUEST = {
    "category": "technical",
    "structure": "asp_trapani",
    "description": "La pagina di Trapani si ferma quando scelgo il giorno.",
}
HUNG = "non dava più segni di vita"  # on the terminal


@dataclass
class Seen:
    """Observations of citizens while a part hung; times are in seconds."""

    began: float = field(default_factory=time.monotonic)
    longest_page: float = 0.0
    failed_pages: int = 0
    turns: int = 0
    unanswered: int = 0
    longest_turn: float = 0.0
    told_by_health: float | None = None


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    yield from run_service(tmp_path_factory.mktemp("hung"))


async def visits(service: RunningService, seen: Seen) -> None:
    """Open a page and ask /health, each time as somebody new."""
    limit = aiohttp.ClientTimeout(total=PATIENCE)
    while True:
        start = time.monotonic()
        try:
            async with aiohttp.ClientSession(timeout=limit) as http:
                async with http.get(f"{service.url}/accessibilita") as page:
                    seen.failed_pages += page.status != 200
                async with http.get(f"{service.url}/health") as health:
                    works = (await health.json())["assistant"]
        except (aiohttp.ClientError, TimeoutError):
            seen.failed_pages += 1
            works = True  # Not told by /health, which doesn't answer.
        seen.longest_page = max(seen.longest_page, time.monotonic() - start)
        if not works and seen.told_by_health is None:
            seen.told_by_health = time.monotonic() - seen.began
        await asyncio.sleep(PAUSE)


async def chats(citizen: ChattingCitizen, seen: Seen) -> None:
    """Say something again and again."""
    while True:
        start = time.monotonic()
        seen.turns += 1
        try:
            await citizen.say("che cosa puoi fare?")
            seen.unanswered += citizen.retry
        except (aiohttp.ClientError, TimeoutError):
            seen.unanswered += 1
        seen.longest_turn = max(seen.longest_turn, time.monotonic() - start)
        await asyncio.sleep(TURN_PAUSE)


async def until_back(service: RunningService, part: str, before: int) -> None:
    """Wait until another process has taken the place of the one that hung, and it works."""
    async with asyncio.timeout(BACK_WITHIN):
        while True:
            try:
                if service.pid_of(part) != before:
                    break
            except LookupError:
                pass
            await asyncio.sleep(0.1)
    await service.until_healthy(BACK_WITHIN)


@pytest.mark.long
@pytest.mark.parametrize("part", PARTS)
async def test_a_part_that_hangs_is_killed_and_nothing_is_lost(
    service: RunningService, part: str
) -> None:
    before = service.pid_of(part)
    async with ChattingCitizen(service.url) as citizen:
        await citizen.log_in("Agata Lo Presti")
        await citizen.open()
        os.kill(before, signal.SIGSTOP)
        seen = Seen()
        doing = [
            asyncio.create_task(work) for work in (visits(service, seen), chats(citizen, seen))
        ]
        try:
            await until_back(service, part, before)
            back = time.monotonic() - seen.began
        finally:
            for task in doing:
                task.cancel()
            await asyncio.gather(*doing, return_exceptions=True)
        page = await citizen.send_form(REQUEST | BOTH)
        assert len(await citizen.mails_about(number_in(page), 2)) == 2
    note_hung(part, back, vars(seen))
    terminal = (service.data_dir / "run.log").read_text("utf-8").splitlines()
    assert [f" {part} " in line for line in terminal if HUNG in line].count(True) == 1, terminal
    if part in ("actions", "rasa"):
        assert seen.told_by_health is not None
        assert seen.failed_pages == 0
