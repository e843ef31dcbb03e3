"""Files of the service alone: no other user of the machine may read them."""

import logging
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

UMASK = 0o077
OTHERS = 0o007
logger = logging.getLogger(__name__)


def is_readable_by_others(path: Path) -> bool:
    """Return True if any user of the machine may read the file."""
    try:
        return bool(path.stat().st_mode & OTHERS)
    except OSError:
        return False


def make_private(paths: Iterable[Path]) -> None:
    """Take from group and others what they may do with our files and folders, with all in them.

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
    with suppress(OSError):  # gone meanwhile, or somebody else's
        mode = path.lstat().st_mode
        if not stat.S_ISLNK(mode) and mode & UMASK:
            path.chmod(stat.S_IMODE(mode) & ~UMASK)
            return True
    return False
