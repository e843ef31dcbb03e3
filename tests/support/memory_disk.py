"""A folder in memory for databases: a commit waits 10 ms for a disk, and here for nothing.

Faults, cells and backups stay on the disk.
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
    with TemporaryDirectory(prefix=f"{OURS}{os.getpid()}-", dir=place) as folder:
        Path(folder).chmod(0o711)  # PostgreSQL has a user of its own
        yield Path(folder)


def place_with_room() -> Path | None:
    """Return the memory disk, or None without one or without room there."""
    try:
        has_room = disk_usage(SHARED_MEMORY).free >= ROOM_MIN
    except FileNotFoundError:
        return None
    return SHARED_MEMORY if has_room else None


def free_memory(place: Path) -> None:
    """Remove the folders of processes that were killed."""
    for folder in place.glob(f"{OURS}*"):
        if not Path("/proc", folder.name.removeprefix(OURS).partition("-")[0]).exists():
            rmtree(folder, ignore_errors=True)
