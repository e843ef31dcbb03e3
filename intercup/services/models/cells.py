"""Cells, and the models that their Rasas answer with, as the web processes of each tell all."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.tables import Cell
from intercup.errors import Unavailable

LOOK_EVERY = 2.0  # seconds
SIGN_EVERY = 15.0  # seconds between two signs of a cell that doesn't change
GONE_AFTER = 60.0  # seconds without a sign
FORGOTTEN_AFTER = 3600.0  # seconds

_TELL = text(
    "INSERT INTO cells (name, base, models, seen_at) VALUES (:name, :base, :models, :now)"
    " ON CONFLICT (name) DO UPDATE SET base = :base, models = :models, seen_at = :now"
)
_FORGET = text("DELETE FROM cells WHERE seen_at < :before")


async def keep_telling(
    database: Database, name: str, base: str, models: Callable[[], Iterable[str]]
) -> None:
    """Tell the names of the models in use, from the first one on, until cancelled."""
    told, told_at = "", 0.0
    while True:
        now, found = time.monotonic(), " ".join(sorted(set(models())))
        if found != told or (told_at and now - told_at >= SIGN_EVERY):
            try:
                async with database.write() as writing:
                    await tell(writing, name, base, found, time.time())
                told, told_at = found, now
            except Unavailable:  # The database has logged it.
                pass
        await asyncio.sleep(LOOK_EVERY)


async def tell(writing: AsyncSession, name: str, base: str, models: str, now: float) -> None:
    """Write a cell's models, and forget cells long gone."""
    told = {"name": name, "base": base, "models": models, "now": now}
    await writing.execute(_TELL, told)
    await writing.execute(_FORGET, {"before": now - FORGOTTEN_AFTER})


async def cells(reading: AsyncSession, base: str, now: float) -> Sequence[Cell]:
    """Return a program's cells that live, by name."""
    alive = Cell.base == base, Cell.seen_at > now - GONE_AFTER
    return (await reading.scalars(select(Cell).where(*alive).order_by(Cell.name))).all()
