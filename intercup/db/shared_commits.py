"""SQLite's writers of one process share commits, as each waits for the disk.

Whoever waits for the turn to write when a writer ends joins its transaction, with a savepoint of
its own. None goes on before the commit, even one that only read or failed: it may have seen what
the others wrote. See docs/adr/0031.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from intercup.db.sqlite import sqlite3
from intercup.db.sqlite_inline import InlineConnection, to_the_end


class SharedCommits:
    """The turns to write on SQLite's only writing connection."""

    def __init__(self, connect: Callable[[], Awaitable[InlineConnection]]) -> None:
        self._connect = connect
        self._turn = asyncio.Lock()
        self._waiting = 0
        # The commit that the writers of the open transaction wait for; None without one.
        self._ahead: asyncio.Future[None] | None = None
        self._committers: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def write(self, wait: float, *, is_synced: bool) -> AsyncIterator[InlineConnection]:
        """Take the turn; what the block writes is on disk at its end, or undone by an exception.

        `wait` are the seconds to wait for another process. Unless `is_synced`, a power cut may
        undo it.

        Raises:
            sqlite3.Error: the disk or another process's lock failed; nothing was written.
        """
        await self._take_turn()
        commit: asyncio.Future[None] | None = None
        try:
            driver = await self._connect()
            commit = self._joined(driver)
            if commit is None:
                await self._begin(driver, wait, is_synced=is_synced)
            try:
                driver.begin_part()
                yield driver
                driver.end_part()
                if commit is None:
                    commit = await self._end(driver, is_synced=is_synced)
            finally:
                driver.undo_part()
                if commit is None and driver.is_open:
                    await driver.rollback()
        finally:
            self._turn.release()
            if commit:
                await to_the_end(commit)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Take the turn without a transaction."""
        async with self._turn:
            if self._ahead:
                await self._commit(self._ahead)
            yield

    async def _take_turn(self) -> None:
        self._waiting += 1
        try:
            await self._turn.acquire()
        finally:
            self._waiting -= 1

    def _joined(self, driver: InlineConnection) -> asyncio.Future[None] | None:
        """Return the commit of the open transaction, if there is one to join."""
        if self._ahead and not driver.in_transaction:
            self._settle(self._ahead, _lost())
        return self._ahead

    async def _begin(self, driver: InlineConnection, wait: float, *, is_synced: bool) -> None:
        if driver.in_transaction:  # left behind: whoever has the turn is the only writer
            await driver.rollback()
        await driver.begin(wait, is_synced=is_synced)

    async def _end(
        self, driver: InlineConnection, *, is_synced: bool
    ) -> asyncio.Future[None] | None:
        """Commit; if the disk is needed and others wait, leave that to a task after them."""
        if not (is_synced and self._waiting):
            await driver.commit()
            return None
        commit = self._ahead = asyncio.get_running_loop().create_future()
        committer = asyncio.create_task(self._commit_after_others(commit))
        self._committers.add(committer)
        committer.add_done_callback(self._committers.discard)
        return commit

    async def _commit_after_others(self, commit: asyncio.Future[None]) -> None:
        try:
            async with self._turn:
                if self._ahead is commit:
                    await self._commit(commit)
        finally:
            if not commit.done():  # The loop ends.
                self._settle(commit, _lost())

    async def _commit(self, commit: asyncio.Future[None]) -> None:
        error: BaseException | None = _lost()
        try:
            driver = await self._connect()
            try:
                if driver.in_transaction:
                    await driver.commit()
                    if not driver.in_transaction:
                        error = None
            except asyncio.CancelledError as cancelled:
                error = cancelled.__cause__  # The commit itself went on to its end.
                raise
            finally:
                await driver.rollback()
        except sqlite3.Error as failed:
            error = failed
        finally:
            self._settle(commit, error)

    def _settle(self, commit: asyncio.Future[None], error: BaseException | None) -> None:
        if self._ahead is commit:
            self._ahead = None
        if error is None:
            commit.set_result(None)
        else:
            commit.set_exception(error)
            commit.exception()  # Its writers may all have been cancelled.


def _lost() -> sqlite3.Error:
    """Return the error of writers whose transaction ended without a commit.

    A full disk, for example, makes SQLite undo all of it at a later writer's statement.
    """
    return sqlite3.OperationalError("the shared transaction was undone")
