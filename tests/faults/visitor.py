"""Another citizen, who must be served as usual during an attack."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from tests.faults.figures import note_beside

PAUSE = 0.05  # seconds; without it, in a long attack, visits reach the limit for floods
BESIDE_MAX = 2.0  # seconds per request on a busy machine; unprotected it took 9 to 17


class Visitor:
    """Requests a page and /health repeatedly, each time as a new visitor."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.longest = 0.0
        self.failures: list[str] = []
        self.visits = 0

    async def visit(self) -> None:
        for path in ("/accessibilita", "/health"):
            start = time.monotonic()
            try:
                async with aiohttp.ClientSession() as http, http.get(self._url + path) as answer:
                    await answer.read()
                    if answer.status != 200:
                        self.failures.append(f"{path}: {answer.status}")
            except aiohttp.ClientError as error:
                self.failures.append(f"{path}: {error!r}")
            self.longest = max(self.longest, time.monotonic() - start)
            self.visits += 1

    @asynccontextmanager
    async def beside(self, attack: str) -> AsyncIterator[None]:
        """Visit during an attack (its name is in Italian); all visits must succeed in time."""
        stop = asyncio.Event()

        async def go_on() -> None:
            while not stop.is_set():
                await self.visit()
                await asyncio.sleep(PAUSE)

        async with asyncio.TaskGroup() as group:
            group.create_task(go_on())
            await asyncio.sleep(0.3)
            self.longest, self.visits = 0.0, 0
            yield
            while self.visits < 2:  # noqa: ASYNC110 (a visitor of a busy machine takes its time)
                await asyncio.sleep(0.3)
            stop.set()
        note_beside(attack, self.visits, self.longest)
        assert self.failures == [], self.failures[:5]
        assert self.longest < BESIDE_MAX
