"""Counting: turns in memory, stored every minute; requests when the purge deletes them."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.domain.figures import Key, TurnFacts, of_turn
from intercup.domain.italian_time import ROME
from intercup.errors import Unavailable

STORE_EVERY = 60.0  # seconds; a process that dies loses what it counted since
_ADD = text(
    "INSERT INTO figures (month, kind, cell, count) VALUES (:month, :kind, :cell, :count)"
    " ON CONFLICT (month, kind, cell) DO UPDATE SET count = figures.count + :count"
)


def month_of(seconds: float) -> str:
    """Return the Italian month of a moment, as YYYY-MM."""
    return f"{datetime.fromtimestamp(seconds, ROME):%Y-%m}"


async def add_figures(writing: AsyncSession, counts: Mapping[tuple[str, str, str], int]) -> None:
    """Add to the stored figures, in an order that keeps two processes from a deadlock."""
    for (month, kind, cell), count in sorted(counts.items()):
        values = {"month": month, "kind": kind, "cell": cell, "count": count}
        await writing.execute(_ADD, values)


class TurnCounts:
    """A process's counts of turns that aren't stored yet."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counts: Counter[tuple[str, str, str]] = Counter()

    def note(self, facts: TurnFacts) -> None:
        """Count a turn."""
        self.add(of_turn(facts), time.time())

    def add(self, keys: Iterable[Key], now: float) -> None:
        """Count in the month of a moment."""
        month = month_of(now)
        self._counts.update((month, kind, cell) for kind, cell in keys)

    async def store(self) -> None:
        """Store the counts; without a database they wait."""
        counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            async with self._database.write() as writing:
                await add_figures(writing, counts)
        except Unavailable:
            self._counts.update(counts)

    async def watch(self) -> None:
        """Store the counts every minute, until cancelled."""
        while True:
            await asyncio.sleep(STORE_EVERY)
            await self.store()
