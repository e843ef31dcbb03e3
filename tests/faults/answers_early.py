"""A web server with a mistake on purpose: it shows the number before the commit.

The tests of durability must fail on it, or they would prove nothing.
"""

import asyncio
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from intercup.commands import main as cli
from intercup.db.engine import Database
from intercup.services.requests import submit as service

LATE = 0.05  # seconds
_committing: set[asyncio.Task[None]] = set()


async def _submit_early(database: Database, *arguments: Any) -> Any:
    """Make the number as the service does, but commit after the answer."""
    ready: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    class Late:
        read = database.read

        @asynccontextmanager
        async def write(self) -> Any:
            async with database.write() as session:
                yield session
                await session.flush()
                ready.set_result(None)
                await asyncio.sleep(LATE)

    async def store() -> None:
        numbers.append(await original(Late(), *arguments))

    numbers: list[Any] = []
    original_store = service._store

    async def noting(session: AsyncSession, *more: Any) -> Any:
        registered = await original_store(session, *more)
        numbers.append(registered)
        return registered

    service._store = noting  # type: ignore[assignment]
    task = asyncio.create_task(store())
    _committing.add(task)
    task.add_done_callback(_committing.discard)
    await ready
    return numbers[-1]


async def _forget_nothing(*_arguments: Any) -> bool:
    """Write nothing after the number: that would wait for the late commit."""
    return False


original: Any = service.submit_request
if __name__ == "__main__":
    import sys

    from intercup.web import form

    form.submit_request, form.keep_form = _submit_early, _forget_nothing
    sys.argv = ["intercup", "web"]
    cli.main()
