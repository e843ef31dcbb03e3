"""SQLite, in a version of its own where there is one, and the journal that its version allows."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
else:
    try:
        from pysqlite3 import dbapi2 as sqlite3
    except ImportError:  # It has no build for this machine.
        import sqlite3

__all__ = ["SAFE_WAL", "TRUNCATE", "WAL", "journal_of", "newest_journal", "others_have", "sqlite3"]

SAFE_WAL = (3, 51, 3)  # earlier versions can damage a file with a WAL (docs/adr/0038)
WAL, TRUNCATE = "wal", "truncate"  # the two journals that we use
_PROCESSES = Path("/proc")
_INIT = "1"  # opens no database of ours, and may not be asked


def newest_journal() -> str:
    """Return the journal that a file gets where no other program has it open."""
    return WAL if sqlite3.sqlite_version_info >= SAFE_WAL else TRUNCATE


def journal_of(connection: sqlite3.Connection) -> str:
    """Choose a connection's journal and return it: a file keeps the one that it has.

    Only a new file, and a WAL that this version may damage, change it.
    """
    has_wal = _pragma(connection, "journal_mode") == WAL
    is_new = _pragma(connection, "page_count") == 0
    is_safe = newest_journal() == WAL
    if (has_wal or is_new) and is_safe:
        return str(_pragma(connection, "journal_mode=wal"))
    return str(_pragma(connection, "journal_mode=truncate"))


def _pragma(connection: sqlite3.Connection, words: str) -> object:
    return connection.execute(f"PRAGMA {words}").fetchone()[0]


def others_have(file: Path) -> bool:
    """Return True if another process of this machine may have a file open.

    A process of another user or namespace can't be asked; one that is hidden isn't seen.
    """
    if not _PROCESSES.is_dir():
        return True
    wanted = file.resolve()
    others = (each for each in _PROCESSES.glob("[0-9]*") if each.name != str(os.getpid()))
    return any(_may_have(process, wanted) for process in others)


def _may_have(process: Path, file: Path) -> bool:
    try:
        return any(_target(each) == file for each in (process / "fd").iterdir())
    except (FileNotFoundError, ProcessLookupError):  # It has ended meanwhile.
        return False
    except OSError:
        return process.name != _INIT and _is_ours(process, file)


def _target(descriptor: Path) -> Path | None:
    try:
        return descriptor.readlink()
    except FileNotFoundError:  # It has been closed meanwhile.
        return None


def _is_ours(process: Path, file: Path) -> bool:
    """Return True if a process that can't be asked runs as the file's owner."""
    try:
        return process.stat().st_uid == file.stat().st_uid
    except OSError:
        return False
