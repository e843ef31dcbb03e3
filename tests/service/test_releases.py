"""A model is published, and the one before again, while citizens chat: no turn fails."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from intercup.db.engine import Database
from intercup.services.models.cells import cells
from tests.support.releasing import SHIPPED, chatting, models_of, publish_now, put, until_turned
from tests.support.running_service import RunningService, run_service

CITIZENS = 3
PAUSE = 0.3  # seconds between two turns of a citizen


@pytest.fixture(scope="module")
def releasing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service of these tests' own, whose model they change."""
    yield from run_service(tmp_path_factory.mktemp("releasing"))


@pytest.fixture
async def database(releasing: RunningService) -> AsyncIterator[Database]:
    opened = Database(f"sqlite+aiosqlite:///{releasing.data_dir / 'intercup.db'}")
    yield opened
    await opened.close()


async def told(database: Database) -> list[str]:
    """Return the models that the cells tell of."""
    async with database.read() as reading:
        return [cell.models for cell in await cells(reading, SHIPPED.base, time.time())]


async def test_no_turn_fails_while_the_model_changes_and_after_a_crash_it_is_the_published_one(
    releasing: RunningService, database: Database
) -> None:
    first = releasing.pid_of("rasa")
    sha256 = await put(database, "aaaaaaaa")
    async with chatting([releasing], CITIZENS, PAUSE) as turns:
        await asyncio.sleep(1)
        await publish_now(database, sha256)
        await until_turned(releasing, "aaaaaaaa")
        async with asyncio.timeout(10):
            while await told(database) != ["aaaaaaaa"]:  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.2)
        at_the_turn = len(turns)
        await asyncio.sleep(2)
    assert all(turn.worked for turn in turns)
    assert len(turns) > at_the_turn > CITIZENS
    assert releasing.pid_of("rasa") != first
    os.kill(releasing.pid_of("rasa"), signal.SIGKILL)
    await releasing.until_healthy(assistant=False)
    await releasing.until_healthy()
    assert await models_of(releasing) == ["aaaaaaaa"]


async def test_a_model_that_does_not_work_changes_nothing_not_even_after_a_crash(
    releasing: RunningService, database: Database
) -> None:
    before, pid = await models_of(releasing), releasing.pid_of("rasa")
    sha256 = await put(database, "bbbbbbbb", broken=True)
    async with chatting([releasing], 1, PAUSE) as turns:
        await publish_now(database, sha256)
        async with asyncio.timeout(60):
            while "doesn't work" not in releasing.log("rasa"):  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.2)
    assert all(turn.worked for turn in turns)
    assert await models_of(releasing) == before
    assert releasing.pid_of("rasa") == pid
    os.kill(pid, signal.SIGKILL)
    await releasing.until_healthy(assistant=False)
    await releasing.until_healthy()
    assert await models_of(releasing) == before
