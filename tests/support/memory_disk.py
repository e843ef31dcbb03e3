"""A folder in memory for databases: a commit waits 10 ms for a disk, and here for nothing.

Tests that need a disk, as those of faults and cells, have folders of their own.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from shutil import disk_usage, rmtree
from tempfile import TemporaryDirectory

import pytest

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 (the folders in it have names of their own)
OURS = "intercup-tests-"
ROOM_MIN = 2 * 1024**3  # bytes; a whole run takes a tenth


@pytest.fixture(scope="session")
def memory_disk() -> Iterator[Path]:
    """A folder in memory, or on the disk if there is no memory disk with room."""
    place = place_with_room()
    if place:
        free_memory(place)
    prefix = f"{OURS}{os.getpid()}-"
    with TemporaryDirectory(prefix=prefix, dir=place, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # PostgreSQL has a user of its own
        yield Path(folder)


def place_with_room() -> Path | None:
    """Return the memory disk, or None without one or without room or rights there."""
    try:
        has_room = disk_usage(SHARED_MEMORY).free >= ROOM_MIN
        runs_programs = not os.statvfs(SHARED_MEMORY).f_flag & os.ST_NOEXEC
    except FileNotFoundError:
        return None
    is_ours = has_room and runs_programs and os.access(SHARED_MEMORY, os.W_OK)
    return SHARED_MEMORY if is_ours else None


def free_memory(place: Path) -> None:
    """Remove the folders of processes that were killed."""
    for folder in place.glob(f"{OURS}*"):
        if not Path("/proc", folder.name.removeprefix(OURS).partition("-")[0]).exists():
            rmtree(folder, ignore_errors=True)
