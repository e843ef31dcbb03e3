"""SQLite in a version of its own: the journal in WAL mode is safe from 3.51.3 on."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
else:
    try:
        from pysqlite3 import dbapi2 as sqlite3
    except ImportError:  # It has no build for this machine: Python's own may be new enough.
        import sqlite3

__all__ = ["OLDEST", "sqlite3"]

OLDEST = (3, 51, 3)  # earlier ones can damage the file (docs/adr/0038)
