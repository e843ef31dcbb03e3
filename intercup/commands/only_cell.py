"""SQLite carries one cell: its web holds a lock beside the database file."""

import asyncio
import fcntl
import os
import time
from pathlib import Path

from intercup.errors import ConfigurationError

OVERLAP = 240.0  # seconds beside the process that this one replaces, with its last uploads
POLL = 0.5  # seconds


async def hold_only_cell(database: Path | None) -> None:
    """Hold the lock until cancelled; any number of cells may share another database.

    Raises:
        ConfigurationError: another web doesn't give the lock back.
    """
    if database is None:
        return await asyncio.Future()
    file = database.with_name(f"{database.name}.web")
    lock = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        await _take(lock, database)
        await asyncio.Future()
    finally:
        os.close(lock)


async def _take(lock: int, database: Path) -> None:
    until = time.monotonic() + OVERLAP
    while not _is_taken(lock):
        if time.monotonic() > until:
            raise ConfigurationError(
                [
                    f"base dati: {database} è già usata da un altro `web`; SQLite regge una sola"
                    " cella, per più celle serve PostgreSQL (INTERCUP_DATABASE_URL,"
                    " `intercup database copy`)"
                ]
            )
        await asyncio.sleep(POLL)


def _is_taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
