"""A model is published, and the one before again, while citizens chat: no turn fails."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator

import pytest

from intercup.db.engine import Database
from intercup.services.models.cells import cells
from tests.support.releasing import SHIPPED, chatting, models_of, publish_now, put, until_turned
from tests.support.running_service import RunningService

CITIZENS = 3
PAUSE = 0.3  # seconds between two turns of a citizen


@pytest.fixture
async def database(mortal_service: RunningService) -> AsyncIterator[Database]:
    opened = Database(mortal_service.database_url)
    yield opened
    await opened.close()


async def told(database: Database) -> list[str]:
    """Return the models that the cells tell of."""
    async with database.read() as reading:
        return [cell.models for cell in await cells(reading, SHIPPED.base, time.time())]


def priority(service: RunningService) -> int:
    """Return the priority at which Rasa answers."""
    return os.getpriority(os.PRIO_PROCESS, service.pid_of("rasa"))


async def test_no_turn_fails_while_the_model_changes_and_after_a_crash_it_is_the_published_one(
    mortal_service: RunningService, database: Database
) -> None:
    first, before = mortal_service.pid_of("rasa"), priority(mortal_service)
    sha256 = await put(database, "aaaaaaaa")
    async with chatting([mortal_service], CITIZENS, PAUSE) as turns:
        await asyncio.sleep(1)
        await publish_now(database, sha256)
        await until_turned(mortal_service, "aaaaaaaa")
        async with asyncio.timeout(10):
            while await told(database) != ["aaaaaaaa"]:  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.2)
        at_the_turn = len(turns)
        await asyncio.sleep(2)
    assert all(turn.worked for turn in turns)
    assert len(turns) > at_the_turn > CITIZENS
    assert mortal_service.pid_of("rasa") != first
    assert priority(mortal_service) == before
    os.kill(mortal_service.pid_of("rasa"), signal.SIGKILL)
    await mortal_service.until_healthy(assistant=False)
    await mortal_service.until_healthy()
    assert await models_of(mortal_service) == ["aaaaaaaa"]


@pytest.mark.timeout(300)
async def test_a_model_that_does_not_work_changes_nothing_not_even_after_a_crash(
    mortal_service: RunningService, database: Database
) -> None:
    before, pid = await models_of(mortal_service), mortal_service.pid_of("rasa")
    sha256 = await put(database, "bbbbbbbb", broken=True)
    async with chatting([mortal_service], 1, PAUSE) as turns:
        await publish_now(database, sha256)
        async with asyncio.timeout(240):  # in low priority
            alarm = f"model {sha256[:8]} doesn't work"
            while alarm not in mortal_service.log("rasa"):  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.2)
    assert all(turn.worked for turn in turns)
    assert await models_of(mortal_service) == before
    assert mortal_service.pid_of("rasa") == pid
    os.kill(pid, signal.SIGKILL)
    await mortal_service.until_healthy(assistant=False)
    await mortal_service.until_healthy()
    assert await models_of(mortal_service) == before
