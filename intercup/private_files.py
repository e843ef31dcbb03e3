"""Private files of the service, unreadable for other users of the machine."""

import logging
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

UMASK = 0o077
OTHERS = 0o007
JOURNALS = ("-journal", "-wal", "-shm")  # ends of the names that SQLite puts beside a database
logger = logging.getLogger(__name__)


def is_readable_by_others(path: Path) -> bool:
    """Return True if any user of the machine may read the file."""
    try:
        return bool(path.stat().st_mode & OTHERS)
    except OSError:
        return False


def make_private(paths: Iterable[Path]) -> None:
    """Remove group's and others' permissions from our files and folders, recursively.

    Only files of our own user can be changed; the others stay.
    """
    corrected = [path for root in paths for path in _below(root) if _was_open(path)]
    if corrected:
        logger.warning(
            "permissions corrected: %d files could be read by others, such as %s",
            len(corrected),
            corrected[0],
        )


def _below(root: Path) -> Iterator[Path]:
    yield root
    for folder, folders, files in os.walk(root):
        yield from (Path(folder) / name for name in (*folders, *files))


def _was_open(path: Path) -> bool:
    with suppress(OSError):  # deleted meanwhile, or another user's
        mode = path.lstat().st_mode
        if not stat.S_ISLNK(mode) and mode & UMASK:
            path.chmod(stat.S_IMODE(mode) & ~UMASK)
            return True
    return False
