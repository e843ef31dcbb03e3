"""Work on the database once, as a command does."""

import asyncio
from collections.abc import Awaitable, Callable

from intercup.db.engine import Database


def with_database[Result](url: str, work: Callable[[Database], Awaitable[Result]]) -> Result:
    """Open the database, do the work and close it."""

    async def run() -> Result:
        database = Database(url)
        try:
            await database.verify()
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())
